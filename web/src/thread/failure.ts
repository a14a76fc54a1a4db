/** What can be done about a message that failed. */

/**
 * `again`: the same, once more. `anyway`: the same, though it may have arrived already. `anew`: the same can never go, so it
 * is written differently. `nothing`: only the contact can change it.
 */
export type Remedy = 'again' | 'anyway' | 'anew' | 'nothing';

/** Codes of refusals that the same message would meet again; see the connectors for what each means. */
const ANEW = [
  'text_too_long', 'caption_too_long', 'text_empty', 'file_empty', 'file_too_large', 'file_gone', 'unsupported', 'not_supported',
  'place_invalid', 'phone_invalid', 'card_without_phone', 'button_invalid', 'voice_not_allowed',
];

export function remedy(code: string | undefined): Remedy {
  if (code === 'outcome_unknown') return 'anyway';
  if (code === 'opted_out' || code === 'contact_is_bot') return 'nothing';
  return code && ANEW.includes(code) ? 'anew' : 'again';
}
