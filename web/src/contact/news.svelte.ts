/** What the live stream tells of contacts, for whatever shows something of them and reads it anew. */
import type { Contact } from '../api/model';

/** A contact as the stream tells it, with what of it changed where that is said. */
export type ToldContact = Contact & { changed?: string };

export class ContactNews {
  /** Grows whenever something is told of a contact. */
  any = $state(0);
  /** Grows when consents changed. Each reading of them is on record, so they are read anew only then. */
  consents = $state(0);

  /** The contact without what was said beside it. */
  told({ changed, ...contact }: ToldContact): Contact {
    this.any += 1;
    if (changed === 'consents') this.consents += 1;
    return contact;
  }

  /** Something was missed: anything may have changed. */
  missed(): void {
    this.any += 1;
    this.consents += 1;
  }
}
