/** Short words about something that just happened, which go away by themselves. */
export interface Notice {
  id: number;
  kind: 'done' | 'wrong';
  text: string;
}

const SHOWN_FOR = 5_000;

export class Notices {
  all = $state<Notice[]>([]);
  #last = 0;

  done(text: string): void {
    this.#add('done', text);
  }

  wrong(text: string): void {
    this.#add('wrong', text);
  }

  dismiss(id: number): void {
    this.all = this.all.filter((notice) => notice.id !== id);
  }

  #add(kind: Notice['kind'], text: string): void {
    const id = (this.#last += 1);
    this.all.push({ id, kind, text });
    setTimeout(() => this.dismiss(id), kind === 'wrong' ? SHOWN_FOR * 2 : SHOWN_FOR);
  }
}
