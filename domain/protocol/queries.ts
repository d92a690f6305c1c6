/** What may stand in the query of an address. Parsers behind them say more exactly what is wrong; these bound and name it. */
import { Type } from 'typebox';

const text = (maxLength: number) => Type.Optional(Type.String({ maxLength }));
/** A whole number as it is written in an address. */
const number = text(20);
/** Collections, apart by commas. */
const collections = text(2000);
/** A position and the epochs in which it was seen (SYN-11). */
const history = text(1200);

export const PullQuery = Type.Object({
  lwt: number,
  id: text(200),
  limit: number,
  /** Only our own client sends these two: where it stands, and scopes of which it may still hold something, apart by commas. */
  history,
  held: text(1000),
});
export const PushQuery = Type.Object({ history });
export const CollectionsQuery = Type.Object({ collections });
/** Up to 256 numbers below 256, apart by commas. */
export const BucketsQuery = Type.Object({ buckets: text(1100) });
export const RecordQuery = Type.Object({ collection: text(60), id: text(200) });
export const AccountQuery = Type.Object({ account: text(60) });
/** `which`: `all` for closed ones too; `before`: a number, for the page behind it. */
export const RefusalsQuery = Type.Object({ account: text(60), collection: text(60), which: text(10), before: number });
export const RefusalQuery = Type.Object({ number });
export const ImportQuery = Type.Object({ id: text(36) });
export const UploadQuery = Type.Object({ from: number });
export const OidcStartQuery = Type.Object({ challenge: text(100), return: text(500) });
/** The other system adds to it what it likes; the library that judges it takes what it knows. */
export const OidcAnswerQuery = Type.Object({ state: text(500), code: text(4000) }, { additionalProperties: true });
