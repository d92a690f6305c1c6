/** Fields that belong together, such as an address: one frame, one heading, the fields on a row of twelve. */
import type { ControlProps } from './control.ts';
import { FieldControl, spanOf } from './field-control.tsx';

export function GroupControl({ field, path, value, onChange, readOnly }: ControlProps) {
  const own = typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  const set = (key: string, next: unknown): void => onChange({ ...own, [key]: next });
  return (
    <fieldset className="group">
      <legend>{field.label}</legend>
      <div className="form-grid">
        {Object.entries(field.fields ?? {})
          .filter(([, inner]) => !inner.retired)
          .map(([key, inner]) => (
            <div key={key} style={{ gridColumn: `span ${spanOf(inner)}` }}>
              <FieldControl
                field={inner}
                path={`${path}.${key}`}
                value={own[key]}
                onChange={(next) => set(key, next)}
                onPatch={(patch) => onChange({ ...own, ...patch })}
                around={own}
                siblings={field.fields ?? {}}
                bare={false}
                readOnly={readOnly}
              />
            </div>
          ))}
      </div>
    </fieldset>
  );
}
