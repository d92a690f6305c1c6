/** The whole kept content of an entry in words, so that nothing a person typed is only a file. */
import { allFields } from '../../domain/entity/entity.ts';
import type { Noun } from '../../domain/record/noun.ts';
import type { Entry, Kept } from '../data/inbox.ts';
import { filledKeys } from '../data/inbox.ts';
import { useDesk } from '../data/live.ts';
import { ShownValue } from '../ui/shown-value.tsx';
import { lostKeys } from '../data/set-aside.ts';

export function KeptContent({ noun, kept }: { readonly noun: Noun; readonly kept: Kept }) {
  const desk = useDesk();
  const { mine, base } = kept;
  const fields = allFields(noun.entity);
  const changed = new Set(base ? lostKeys(noun.entity, { mine, base }, base) : []);
  const keys = [...new Set([...filledKeys(desk, noun.entity.collection, mine), ...changed])];
  return (
    <details className="inbox-kept" open>
      <summary>
        <h3>What {kept.author ?? 'you'} wrote</h3>
      </summary>
      <dl className="inbox-facts">
        {keys.map((key) => {
          const field = fields[key];
          return field === undefined ? null : (
            <div key={key} data-changed={changed.has(key) ? '' : undefined}>
              <dt>{field.label}</dt>
              <dd>
                <ShownValue field={field} value={mine[key]} around={mine} />
                {changed.has(key) ? <span className="tag inbox-changed">changed by {kept.author ?? 'you'}</span> : null}
              </dd>
            </div>
          );
        })}
        {Object.entries(mine)
          .filter(([key]) => !Object.hasOwn(fields, key) && key !== '_deleted')
          .map(([key, value]) => (
            <div key={key}>
              <dt>{key}</dt>
              <dd>{JSON.stringify(value)}</dd>
            </div>
          ))}
      </dl>
    </details>
  );
}

/** What this version of Drover cannot read is still shown as it is. */
export function RawContent({ entry }: { readonly entry: Entry }) {
  return (
    <>
      <p>This entry was made by another version of Drover, which keeps its content in another form. Here it is as it came.</p>
      <pre className="inbox-raw">{entry.raw === '' ? 'No content.' : entry.raw}</pre>
    </>
  );
}
