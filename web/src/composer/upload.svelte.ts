/** A file on its way up, or there. */
import type { Attachment } from '../api/model';
import type { Parloir } from '../api/parloir';
import { Problem } from '../api/problem';

export class Upload {
  attachment = $state<Attachment | null>(null);
  problem = $state<Problem | null>(null);
  /** How much of it is up, from 0 to 1. */
  progress = $state(0);
  #stop = new AbortController();

  constructor(
    readonly key: string,
    readonly file: Pick<File, 'name' | 'size' | 'type'>,
  ) {}

  /** One that is up already. */
  static of(attachment: Attachment): Upload {
    const upload = new Upload(attachment.id, { name: attachment.name ?? '', size: attachment.size, type: attachment.content_type });
    upload.attachment = attachment;
    return upload;
  }

  async run(api: Pick<Parloir, 'attach'>): Promise<void> {
    if (!(this.file instanceof File)) return;
    this.problem = null;
    this.progress = 0;
    try {
      this.attachment = await api.attach(this.file, this.key, (progress) => (this.progress = progress), this.#stop.signal);
    } catch (reason) {
      if (!this.#stop.signal.aborted) this.problem = Problem.of(reason);
    }
  }

  cancel(): void {
    this.#stop.abort();
  }
}
