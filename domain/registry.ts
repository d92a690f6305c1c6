/** Every noun of the desk, one line each. The order is the order in which a first import or a first sync fills them. */
import { activity } from './activity/activity.entity.ts';
import { attachment } from './attachment/attachment.entity.ts';
import { commission } from './commission/commission.entity.ts';
import { contact } from './contact/contact.entity.ts';
import { event } from './event/event.entity.ts';
import { location } from './location/location.entity.ts';
import { lot } from './lot/lot.entity.ts';
import { mapping } from './mapping/mapping.entity.ts';
import { order } from './order/order.entity.ts';
import { party } from './party/party.entity.ts';
import { product } from './product/product.entity.ts';
import { profile } from './profile/profile.entity.ts';
import { receivable } from './receivable/receivable.entity.ts';
import type { Noun } from './record/noun.ts';

export const nouns: readonly Noun[] = [
  { entity: profile },
  { entity: receivable },
  { entity: party },
  { entity: location },
  { entity: contact },
  { entity: product },
  { entity: order },
  { entity: mapping },
  { entity: lot },
  { entity: event },
  { entity: commission },
  { entity: activity },
  { entity: attachment },
];

const byCollection = new Map(nouns.map((noun) => [noun.entity.collection, noun]));

/** The noun behind a collection name; undefined for a name nobody declared. */
export const nounOf = (collection: string): Noun | undefined => byCollection.get(collection);
