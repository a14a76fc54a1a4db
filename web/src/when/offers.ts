/** The moments that are offered before anything is typed. */
import { at, daysOn, midnight } from './when';

export type OfferKey = 'soon' | 'evening' | 'tomorrow' | 'tomorrowAfternoon' | 'weekend' | 'monday' | 'week';

export interface Offer {
  key: OfferKey;
  at: Date;
}

/** In the order of time, all later than now, none twice. */
export function offers(now: Date): Offer[] {
  const today = midnight(now);
  const hour = now.getHours();
  const day = today.getDay();
  const tomorrow = daysOn(today, 1);
  const monday = daysOn(today, ((8 - day) % 7) || 7);
  const all: Offer[] = [
    ...(hour < 15 ? [{ key: 'soon' as const, at: at(today, hour + 3) }] : []),
    ...(hour < 17 ? [{ key: 'evening' as const, at: at(today, 18) }] : []),
    { key: 'tomorrow', at: at(tomorrow, 9) },
    { key: 'tomorrowAfternoon', at: at(tomorrow, 14) },
    // From Friday on the weekend is what `tomorrow` says, or there already.
    ...(day >= 1 && day <= 4 ? [{ key: 'weekend' as const, at: at(daysOn(today, 6 - day), 9) }] : []),
    { key: 'monday', at: at(monday, 9) },
    { key: 'week', at: at(daysOn(today, 7), 9) },
  ];
  const seen = new Set<number>();
  return all
    .sort((one, other) => one.at.getTime() - other.at.getTime())
    .filter((offer) => !seen.has(offer.at.getTime()) && Boolean(seen.add(offer.at.getTime())));
}
