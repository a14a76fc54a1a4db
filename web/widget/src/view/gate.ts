// What is asked before the first message: age, a name or an address, consent.
import type { Look } from '../look';
import type { Words } from '../words/words';
import { el } from './dom';

export interface Entered {
  profile: { name?: string; email?: string } | null;
  consent: string | null;
  ofAge: boolean;
}

export interface Needs {
  age: boolean;
  consent: boolean;
  profile: boolean;
}

export const ADDRESS = /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/;

/** What is asked of somebody; nothing of it if nothing is left to ask. */
export function asked(look: Look, needs: Needs): { fields: Look['pre_chat']; any: boolean } {
  const fields = needs.profile ? [...look.pre_chat] : [];
  // Nobody is here: without an address there would be no answer.
  if (needs.profile && look.away) {
    const others = fields.filter((field) => field.field !== 'email');
    fields.splice(0, fields.length, ...others, { field: 'email', required: true });
  }
  const any = fields.length > 0 || (needs.age && look.minimum_age !== null) || (needs.consent && look.consent !== null);
  return { fields, any };
}

export class Gate {
  readonly element = el('div', { className: 'gate' });
  #ofAge = false;

  constructor(
    readonly words: Words,
    readonly look: Look,
    readonly needs: Needs,
    readonly enter: (entered: Entered) => Promise<void>,
  ) {
    if (needs.age && look.minimum_age !== null) this.#age(look.minimum_age);
    else this.#form();
  }

  focus(): void {
    this.element.querySelector<HTMLElement>('input, button')?.focus({ preventScroll: true });
  }

  #age(years: number): void {
    const { words } = this;
    const heading = el('p', { className: 'ask', id: 'age', textContent: words.ageAsk(years) });
    const yes = el('button', {
      type: 'button', className: 'solid', textContent: words.ageYes,
      on: {
        click: () => {
          this.#ofAge = true;
          if (asked(this.look, { ...this.needs, age: false }).any) {
            this.#form();
            this.focus();
          } else void this.enter({ profile: null, consent: null, ofAge: true });
        },
      },
    });
    const no = el('button', {
      type: 'button', className: 'outline', textContent: words.ageNo,
      on: { click: () => this.element.replaceChildren(el('p', { className: 'ask', textContent: words.ageSorry(years), attrs: { role: 'status' } })) },
    });
    this.element.replaceChildren(el('div', { className: 'choice-row', attrs: { role: 'group', 'aria-labelledby': 'age' } }, heading, yes, no));
  }

  #form(): void {
    const { words, look } = this;
    const { fields } = asked(look, this.needs);
    const inputs = fields.map((field) => ({ ...field, ...this.#field(field.field, field.required) }));
    const consent = this.needs.consent && look.consent ? this.#consent(look.consent.text) : null;
    const wrong = el('p', { className: 'wrong', hidden: true, attrs: { role: 'alert' } });
    const start = el('button', { type: 'submit', className: 'solid', textContent: words.start });
    const submit = async () => {
      const faults = [...inputs.map((input) => input.check()), consent?.check() ?? null].filter((fault) => fault !== null);
      if (faults[0]) return faults[0].focus();
      const profile = Object.fromEntries(inputs.map(({ field, input }) => [field, input.value.trim()]).filter(([, value]) => value !== ''));
      start.disabled = true;
      start.textContent = words.working;
      wrong.hidden = true;
      try {
        const given = consent ? (look.consent?.version ?? null) : null;
        await this.enter({ profile: Object.keys(profile).length > 0 ? profile : null, consent: given, ofAge: this.#ofAge });
      } catch {
        wrong.textContent = isSecureContext ? words.notStarted : words.insecure;
        wrong.hidden = false;
      }
      start.disabled = false;
      start.textContent = words.start;
    };
    const form = el(
      'form', { noValidate: true, on: { submit: (event: SubmitEvent) => (event.preventDefault(), void submit()) } },
      ...inputs.map(({ element }) => element), consent?.element, look.privacy_url !== '' && privacyLink(look, words), wrong, start,
    );
    this.element.replaceChildren(form);
  }

  #field(field: 'name' | 'email', required: boolean) {
    const { words } = this;
    const input = el('input', {
      id: field, name: field, type: field === 'email' ? 'email' : 'text', required, maxLength: 200, dir: 'auto',
      attrs: { autocomplete: field, 'aria-describedby': `${field}-wrong` },
    });
    const wrong = el('span', { className: 'wrong', id: `${field}-wrong` });
    const label = el('label', { htmlFor: field }, field === 'name' ? words.name : words.email, !required && el('span', { className: 'faint', textContent: ` · ${words.optional}` }));
    const check = () => {
      const value = input.value.trim();
      const fault = value === '' ? (required ? words.fillIn : '') : field === 'email' && !ADDRESS.test(value) ? words.emailWrong : '';
      wrong.textContent = fault;
      input.ariaInvalid = fault ? 'true' : null;
      return fault ? input : null;
    };
    input.addEventListener('change', check);
    return { input, check, element: el('div', { className: 'field' }, label, input, wrong) };
  }

  #consent(text: string) {
    const input = el('input', { id: 'consent', type: 'checkbox', required: true, attrs: { 'aria-describedby': 'consent-wrong' } });
    const wrong = el('span', { className: 'wrong', id: 'consent-wrong' });
    const check = () => {
      wrong.textContent = input.checked ? '' : this.words.tick;
      input.ariaInvalid = input.checked ? null : 'true';
      return input.checked ? null : input;
    };
    input.addEventListener('change', check);
    return { check, element: el('div', { className: 'field consent' }, input, el('label', { htmlFor: 'consent', dir: 'auto', textContent: text }), wrong) };
  }
}

export const privacyLink = (look: Look, words: Words) =>
  el('a', { className: 'privacy', href: look.privacy_url, target: '_blank', rel: 'noopener noreferrer', textContent: words.privacy });
