/** What went wrong with a call, as a problem document (RFC 9457) tells it, or as the network does. */
import { language, t } from '../text/text';
import type { components } from './schema';

export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    /** HTTP status; 0 when no answer came. */
    readonly status: number,
    /** Stable, for code to decide by. */
    readonly code: string,
    /** In words, for a person. */
    message: string,
    readonly fields: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }

  /** Whether the same call may succeed later without any change: no answer, overload, a server's fault, or the first try still running. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500 || this.code === 'in_progress';
  }

  static offline(): Problem {
    return new Problem(0, 'offline', `${t.app.unreachable}.`);
  }

  static from(body: unknown, status: number): Problem {
    const document = isObject(body) ? (body as Partial<components['schemas']['Problem']>) : {};
    return new Problem(
      status,
      document.code ?? 'unknown',
      words(document) ?? t.problems.unknown(status),
      fieldsOf(document.fields),
    );
  }

  static of(reason: unknown): Problem {
    return reason instanceof Problem ? reason : Problem.offline();
  }
}

/** The server speaks English and knows best what was wrong; whoever reads another language is told at least of what kind it was. */
function words({ code, detail, title }: Partial<components['schemas']['Problem']>): string | undefined {
  const kind = (t.problems.kinds as Record<string, string | undefined>)[code ?? ''];
  return (language() === 'en' ? undefined : kind) || detail || title || undefined;
}

/** Accepts both `{"field": "why"}` and `[{"field", "detail"}]`. */
function fieldsOf(fields: unknown): Record<string, string> {
  if (Array.isArray(fields)) {
    return Object.fromEntries(
      fields.filter(isObject).map((one) => [String(one.field ?? one.name ?? ''), String(one.detail ?? one.message ?? '')]),
    );
  }
  if (!isObject(fields)) return {};
  return Object.fromEntries(Object.entries(fields).map(([field, why]) => [field, String(why)]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
