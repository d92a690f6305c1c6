/** Every noun of the desk, one line each. The order is the order in which a first import or a first sync fills them. */
import { activityNoun } from './activity/activity.rules.ts';
import { attachmentNoun } from './attachment/attachment.rules.ts';
import { commissionNoun } from './commission/commission.rules.ts';
import { contactNoun } from './contact/contact.rules.ts';
import { eventNoun } from './event/event.rules.ts';
import { locationNoun } from './location/location.rules.ts';
import { lotNoun } from './lot/lot.rules.ts';
import { mappingNoun } from './mapping/mapping.rules.ts';
import { orderNoun } from './order/order.rules.ts';
import { partyNoun } from './party/party.rules.ts';
import { productNoun } from './product/product.rules.ts';
import { profileNoun } from './profile/profile.rules.ts';
import { receivableNoun } from './receivable/receivable.rules.ts';
import type { Noun } from './record/noun.ts';

export const nouns: readonly Noun[] = [
  profileNoun,
  receivableNoun,
  partyNoun,
  locationNoun,
  contactNoun,
  productNoun,
  orderNoun,
  mappingNoun,
  lotNoun,
  eventNoun,
  commissionNoun,
  activityNoun,
  attachmentNoun,
];

const byCollection = new Map(nouns.map((noun) => [noun.entity.collection, noun]));

/** The noun behind a collection name; undefined for a name nobody declared. */
export const nounOf = (collection: string): Noun | undefined => byCollection.get(collection);
