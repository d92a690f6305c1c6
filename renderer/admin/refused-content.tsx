/** What the author of a refused change had written, field by field in the words of the record, and what was wrong with it. */
import { allFields } from '../../domain/entity/entity.ts';
import type { RefusalAnswer } from '../../domain/protocol/admin.ts';
import { nouns } from '../../domain/registry.ts';
import { useCompany } from '../data/live.ts';
import { showValue } from '../ui/show-value.ts';

const NOISE = new Set(['id', 'ownerId', 'w', 'createdAt', 'createdBy', 'modifiedAt', 'modifiedBy', '_deleted']);

export function RefusedContent({ answer: { refusal, problems, doc } }: { readonly answer: RefusalAnswer }) {
  const { options: lists } = useCompany();
  const entity = nouns.find((noun) => noun.entity.collection === refusal.collection)?.entity;
  if (doc === null || entity === undefined)
    return <p>You may not see records of this kind, and so not what was refused of one. Its author sees it in the own inbox.</p>;
  const fields = allFields(entity);
  const shown = Object.entries(doc).flatMap(([key, value]) => {
    const field = fields[key];
    if (field === undefined || NOISE.has(key)) return [];
    const text = showValue(field, value, doc, lists);
    return text === '' ? [] : [{ key, label: field.label, text }];
  });
  return (
    <>
      {problems.length === 0 ? null : (
        <ul className="refused-problems">
          {problems.map(({ field, code, message }) => (
            <li key={`${field} ${code}`}>{message}</li>
          ))}
        </ul>
      )}
      <dl className="facts">
        {shown.map(({ key, label, text }) => (
          <div key={key} className="facts-row">
            <dt>{label}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
