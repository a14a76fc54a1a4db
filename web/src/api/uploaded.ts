/** Sends a file, and tells how far it has come: fetch cannot say that of what it sends. */
import { Problem } from './problem';

export function uploaded<T>(url: string, file: File, headers: Record<string, string>, told: (progress: number) => void, signal: AbortSignal): Promise<T> {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open('POST', url);
    request.responseType = 'json';
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => event.lengthComputable && told(event.loaded / event.total);
    request.onload = () => (request.status >= 200 && request.status < 300 ? done(request.response as T) : failed(Problem.from(request.response, request.status)));
    request.onerror = () => failed(Problem.offline());
    request.onabort = () => failed(new DOMException('Taken away', 'AbortError'));
    signal.addEventListener('abort', () => request.abort());
    const form = new FormData();
    form.append('file', file, file.name);
    request.send(form);
  });
}
