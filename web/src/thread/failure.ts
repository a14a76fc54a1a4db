/** Why a message failed, and what can be done about it. */
import { language, t } from '../text/text';

/**
 * `again`: the same, once more. `anyway`: the same, though it may have arrived already. `anew`: the same can never go, so it
 * is written differently. `nothing`: only the contact can change it.
 */
export type Remedy = 'again' | 'anyway' | 'anew' | 'nothing';

/** Codes of refusals that the same message would meet again; see the connectors for what each means. */
const ANEW = [
  'text_too_long', 'caption_too_long', 'text_empty', 'file_empty', 'file_too_large', 'file_gone', 'unsupported', 'not_supported',
  'place_invalid', 'phone_invalid', 'card_without_phone', 'button_invalid', 'voice_not_allowed', 'content_refused',
  'type_not_supported', 'files_too_large', 'file_refused', 'too_many_files', 'mms_not_possible', 'filtered',
];

/** Codes of which the server alone can say what exactly it was: in English, beside our words. */
const TOLD = ['not_accepted', 'template_variables_missing', 'template_variable_malformed', 'type_not_supported', 'partly_sent'];

/** A provider's own refusal, under a number that has no word here, is one of them too. */
function isTold(code: string): boolean {
  return TOLD.includes(code) || (code.endsWith('_refused') && !ANEW.includes(code));
}

export function remedy(code: string | undefined): Remedy {
  if (code === 'outcome_unknown') return 'anyway';
  if (code === 'opted_out' || code === 'contact_is_bot') return 'nothing';
  return code && ANEW.includes(code) ? 'anew' : 'again';
}

/** The reason in the member's language; what is not known here is said as the server does, in English. */
export function why(failure: { readonly code: string; readonly detail: string }): string {
  const own = t.state.failures[failure.code];
  if (!own) return failure.detail;
  if (!failure.detail || !isTold(failure.code)) return own;
  return language() === 'en' ? failure.detail : `${own} (${failure.detail})`;
}
