/** Picks one record of another collection: searches all of them, shows title and subtitle, creates a missing one in place. */
import { CloseButton, Combobox, Loader, Pill, PillsInput, TextInput, useCombobox } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { IconArrowUpRight } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import type { Field } from '../../domain/entity/field.ts';
import { useRecords } from '../data/live.ts';
import { useHits } from '../search/use-search.ts';
import type { ControlProps } from './control.ts';
import { QuickCreate } from './quick-create.tsx';
import { useNamed } from './record-title.ts';
import { useControl } from './text-controls.tsx';
import { matchesWhere, selectorOf, titleOf } from './view.ts';
import { type FacedView, useViewBook } from './view-book.tsx';

interface Option {
  readonly id: string;
  readonly title: string;
  readonly subtitle: string;
}
const MOST = 30;
const CREATE = '+create';

/** What the picker offers: the first records by name while nothing is typed, search hits after that. */
function useOptions(field: Field, typed: string): { readonly options: readonly Option[]; readonly settled: boolean } {
  const collection = field.to ?? '';
  const view = useViewBook().view(collection);
  const query = typed.trim();
  const found = useHits(query, { limit: MOST, collections: [collection], ...(field.where ? { where: field.where } : {}) });
  const first = useRecords(collection, {
    selector: query === '' && view ? selectorOf(field.where, view.noun.entity) : { id: '' },
    limit: MOST,
  });
  const settled = query === '' ? first.ready : found.settled;
  const options = useMemo<readonly Option[]>(() => {
    if (query !== '') return found.hits;
    return view ? first.records.map((record) => ({ id: record.id, title: titleOf(view, record), subtitle: view.subtitle(record) })) : [];
  }, [query, found.hits, first.records, view]);
  return { options, settled };
}

/** The face under which a missing record is created: the one whose condition the reference asks for. */
export function faceForRef(faces: readonly FacedView[], field: Field): FacedView | undefined {
  const own = faces.filter(({ view }) => view.noun.entity.collection === field.to);
  return own.find(({ face }) => field.where !== undefined && face.preset !== undefined && matchesWhere(field.where, face.preset)) ?? own[0];
}

interface PickerProps {
  readonly field: Field;
  readonly typed: string;
  readonly chosen: readonly string[];
  readonly faced: FacedView | undefined;
}

/** Only there while the list is open, so that nothing is searched for before. */
function PickerOptions({ field, typed, chosen, faced }: PickerProps) {
  const { options, settled } = useOptions(field, typed);
  const label = faced?.face.label.toLowerCase() ?? 'record';
  return (
    <Combobox.Options aria-label={field.label} mah={320} style={{ overflowY: 'auto' }}>
      {options.map((option) => (
        <Combobox.Option key={option.id} value={option.id} active={chosen.includes(option.id)}>
          <div className="pick-title">{option.title}</div>
          {option.subtitle === '' ? null : <div className="pick-subtitle">{option.subtitle}</div>}
        </Combobox.Option>
      ))}
      {options.length === 0 && !settled ? (
        <Combobox.Empty>
          <Loader size={14} aria-hidden="true" />
          <span className="spoken">Searching</span>
        </Combobox.Empty>
      ) : null}
      {options.length === 0 && settled && faced === undefined ? <Combobox.Empty>Nothing found</Combobox.Empty> : null}
      {faced === undefined ? null : (
        <Combobox.Option value={CREATE}>
          <span className="pick-create">{typed.trim() === '' ? `New ${label}` : `New ${label} “${typed.trim()}”`}</span>
        </Combobox.Option>
      )}
    </Combobox.Options>
  );
}

export function RefControl(props: ControlProps) {
  const { field, value, onChange, readOnly, bare } = props;
  const id = typeof value === 'string' ? value : '';
  const { onBlur, ...control } = useControl(props);
  const named = useNamed(field.to ?? '', id);
  const faces = useViewBook().faces;
  const faced = faceForRef(faces, field);
  const [typed, setTyped] = useState<string | undefined>(undefined);
  const [creating, setCreating] = useState<string | undefined>(undefined);
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const pick = (option: string): void => {
    combobox.closeDropdown();
    if (option === CREATE) setCreating(typed?.trim() ?? '');
    else onChange(option);
    setTyped(undefined);
  };
  const right =
    id === '' || typed !== undefined ? null : (
      <span className="ref-side">
        {named.to === undefined || bare ? null : (
          <Link to="/$face/$id" params={named.to} className="ref-open" aria-label={`Open ${named.title}`} title={`Open ${named.title}`}>
            <IconArrowUpRight size={15} aria-hidden="true" />
          </Link>
        )}
        {readOnly || field.required ? null : <CloseButton size="xs" aria-label={`Clear ${field.label}`} onClick={() => onChange('')} />}
      </span>
    );
  return (
    <>
      <Combobox store={combobox} onOptionSubmit={pick} keepMounted={false} width="target" position="bottom-start" offset={2}>
        <Combobox.Target withExpandedAttribute>
          <TextInput
            {...control}
            role="combobox"
            value={typed ?? named.title}
            readOnly={readOnly}
            autoComplete="off"
            title={named.title}
            placeholder={readOnly ? '' : 'Search'}
            rightSection={right}
            rightSectionWidth={right === null ? undefined : bare ? 26 : 46}
            rightSectionPointerEvents="all"
            onFocus={(event) => event.currentTarget.select()}
            onClick={() => !readOnly && combobox.openDropdown()}
            onKeyDown={(event) => {
              if (event.key === 'Escape' && combobox.dropdownOpened) event.stopPropagation();
              if (event.key === 'Escape') setTyped(undefined);
            }}
            onChange={(event) => {
              setTyped(event.currentTarget.value);
              combobox.openDropdown();
              combobox.resetSelectedOption();
              setTimeout(() => combobox.selectFirstOption(), 0);
            }}
            onBlur={() => {
              combobox.closeDropdown();
              if (typed === '' && !field.required) onChange('');
              setTyped(undefined);
              onBlur();
            }}
          />
        </Combobox.Target>
        <Combobox.Dropdown miw={bare ? 300 : undefined}>
          {combobox.dropdownOpened ? <PickerOptions field={field} typed={typed ?? ''} chosen={[id]} faced={faced} /> : <Combobox.Options />}
        </Combobox.Dropdown>
      </Combobox>
      {creating === undefined || faced === undefined ? null : (
        <QuickCreate
          faced={faced}
          title={creating}
          {...(field.where ? { where: field.where } : {})}
          onClose={() => setCreating(undefined)}
          onCreated={(record: AnyDocument) => onChange(record.id)}
        />
      )}
    </>
  );
}

function RefPill({
  collection,
  id,
  onRemove,
  readOnly,
}: {
  readonly collection: string;
  readonly id: string;
  readonly onRemove: () => void;
  readonly readOnly: boolean;
}) {
  const { title } = useNamed(collection, id);
  return (
    <Pill withRemoveButton={!readOnly} removeButtonProps={{ 'aria-label': `Remove ${title}`, 'aria-hidden': false }} onRemove={onRemove}>
      {title}
    </Pill>
  );
}

export function RefsControl(props: ControlProps) {
  const { field, value, onChange, readOnly } = props;
  const ids = Array.isArray(value) ? (value as readonly string[]) : [];
  const { onBlur, ...control } = useControl(props);
  const faced = faceForRef(useViewBook().faces, field);
  const [typed, setTyped] = useState('');
  const [creating, setCreating] = useState<string | undefined>(undefined);
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const pick = (option: string): void => {
    if (option === CREATE) {
      combobox.closeDropdown();
      setCreating(typed.trim());
    } else onChange(ids.includes(option) ? ids.filter((id) => id !== option) : [...ids, option]);
    setTyped('');
  };
  return (
    <>
      <Combobox store={combobox} onOptionSubmit={pick} keepMounted={false} position="bottom-start" offset={2}>
        <Combobox.DropdownTarget>
          <PillsInput {...control} size="xs" onClick={() => !readOnly && combobox.openDropdown()}>
            <Pill.Group>
              {ids.map((id) => (
                <RefPill
                  key={id}
                  collection={field.to ?? ''}
                  id={id}
                  readOnly={readOnly}
                  onRemove={() => onChange(ids.filter((one) => one !== id))}
                />
              ))}
              <Combobox.EventsTarget withExpandedAttribute>
                <PillsInput.Field
                  role="combobox"
                  aria-label={field.label}
                  readOnly={readOnly}
                  value={typed}
                  placeholder={ids.length === 0 && !readOnly ? 'Search' : ''}
                  onChange={(event) => {
                    setTyped(event.currentTarget.value);
                    combobox.openDropdown();
                    setTimeout(() => combobox.selectFirstOption(), 0);
                  }}
                  onBlur={() => {
                    combobox.closeDropdown();
                    setTyped('');
                    onBlur();
                  }}
                  onKeyDown={(event) => {
                    if (event.key === 'Escape' && combobox.dropdownOpened) event.stopPropagation();
                    if (event.key === 'Backspace' && typed === '' && !readOnly) onChange(ids.slice(0, -1));
                  }}
                />
              </Combobox.EventsTarget>
            </Pill.Group>
          </PillsInput>
        </Combobox.DropdownTarget>
        <Combobox.Dropdown>
          {combobox.dropdownOpened ? <PickerOptions field={field} typed={typed} chosen={ids} faced={faced} /> : <Combobox.Options />}
        </Combobox.Dropdown>
      </Combobox>
      {creating === undefined || faced === undefined ? null : (
        <QuickCreate
          faced={faced}
          title={creating}
          {...(field.where ? { where: field.where } : {})}
          onClose={() => setCreating(undefined)}
          onCreated={(record) => onChange([...ids, record.id])}
        />
      )}
    </>
  );
}
