/**
 * The one form of the desk: sections from the view file, problems from the domain, a draft that survives a crash, soft
 * warnings that can be saved over. It knows no noun.
 */
import {
  Fragment,
  type FunctionComponent,
  type ReactNode,
  type RefObject,
  useEffect,
  useEffectEvent,
  useMemo,
  useRef,
  useState,
} from 'react';
import { type Control, Controller, FormProvider, useForm, useWatch } from 'react-hook-form';
import { locksOf } from '../../domain/access/locks.ts';
import { type AnyDocument, envelope } from '../../domain/entity/entity.ts';
import type { Problem } from '../../domain/entity/problem.ts';
import { type Draft, blankDraft } from '../../domain/record/record.commands.ts';
import { useCompany } from '../data/live.ts';
import { FieldControl, spanOf } from './field-control.tsx';
import { FormBar } from './form-bar.tsx';
import { FormFacts, FormFactsContext } from './form-facts.ts';
import { FormNotices } from './form-notices.tsx';
import { LocksContext } from './locks.ts';
import { changedKeys, derivedOf, previewSave } from './preview.ts';
import { LeaveGuard } from './leave-guard.tsx';
import { type DraftKeeper, useDraftKeeper } from './use-draft-keeper.ts';
import { useFormKeys } from './use-form-keys.ts';
import { useActor, useSubmit } from './use-submit.tsx';
import type { FacedView } from './view-book.tsx';
import type { Placement } from './view.ts';

type Values = Record<string, unknown>;

export interface RecordFormProps {
  readonly faced: FacedView;
  /** The stored record; absent for a new one. */
  readonly record?: AnyDocument;
  /** What a new record starts with, on top of the face's own preset. */
  readonly preset?: Draft;
  readonly onSaved: (record: AnyDocument) => void;
  readonly onLeave: () => void;
  /** A small form in a window: the first fields only, no draft, no guard. */
  readonly quick?: boolean;
  /** Stands in the bar and sees the derived document: totals. */
  readonly summary?: ReactNode;
  /** Stands after a section of the form, and is given what is stored. */
  readonly panel?: { readonly after: string; readonly show: FunctionComponent<{ readonly record: AnyDocument | undefined }> };
  readonly mend?: Mend;
}

/** Content that was refused, to be corrected in the form. */
export interface Mend {
  /** Name of the draft; the record's own draft stays as it is. */
  readonly key: string;
  /** The id that the record has or gets, so that what points at it stays right. */
  readonly id: string;
  /** What was typed, on top of the stored record. */
  readonly values: Draft;
  readonly problems: readonly Problem[];
}

function startValues({ view, face }: FacedView, record: AnyDocument | undefined, preset: Draft | undefined): Values {
  const keys = [...Object.keys(view.noun.entity.fields), 'status'];
  const from: Values = record ?? { status: 'active', ...blankDraft(view.noun.entity), ...face.preset, ...face.start?.(), ...preset };
  return Object.fromEntries(keys.map((key) => [key, from[key]]));
}

/** The draft as the commands want it: for a new record without empty keys, for a stored one only what changed. */
function draftOf(record: AnyDocument | undefined, start: Values, values: Values): Values {
  if (record) return changedKeys(start, values);
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

export function RecordForm(props: RecordFormProps) {
  const { faced, record, preset, mend, quick = false } = props;
  const { entity } = faced.view.noun;
  const key = quick ? undefined : (mend?.key ?? `${entity.collection}/${record?.id ?? `new/${faced.face.key}`}`);
  const keeper = useDraftKeeper(key, entity.collection, record?.id ?? '');
  const start = useMemo(() => startValues(faced, record, preset), [faced, record, preset]);
  // The form starts once the draft is known, so that nothing typed is overwritten by it.
  return keeper.looked ? <LoadedForm key={key} {...props} keeper={keeper} start={start} /> : <div className="form" aria-busy="true" />;
}

interface LoadedFormProps extends RecordFormProps {
  readonly keeper: DraftKeeper;
  readonly start: Values;
}

/** The state of an open form, and what can be done with it: save, discard, take over what was changed elsewhere. */
function useOpenForm(
  { faced, record, start, keeper, mend, onSaved }: LoadedFormProps,
  form: RefObject<HTMLFormElement | null>,
  actor: ReturnType<typeof useActor>,
) {
  const company = useCompany();
  const { noun } = faced.view;
  const submit = useSubmit();
  const [facts] = useState(() => new FormFacts(mend !== undefined));
  const [restored, setRestored] = useState(keeper.found);
  const methods = useForm<Values>({ defaultValues: { ...start, ...(restored ? restored.values : mend?.values) } });
  const { reset, getValues } = methods;
  const [dirty, setDirty] = useState(restored !== undefined || mend !== undefined);
  const clean = useRef(false);
  const [warnings, setWarnings] = useState<readonly Problem[]>([]);
  const [refusal, setRefusal] = useState('');
  const [moved, setMoved] = useState(false);
  const [saving, setSaving] = useState(false);
  const base = useRef(start);

  // Sync or another window changed the stored record: take it over, and keep on top what was typed here.
  useEffect(() => {
    if (base.current === start) return;
    const mine = changedKeys(base.current, getValues());
    base.current = start;
    reset({ ...start, ...mine });
    // One's own save comes back this way too, and is no change from elsewhere.
    setMoved(Object.keys(changedKeys(start, { ...start, ...mine })).length > 0);
  }, [start, reset, getValues]);

  const settle = (): void => {
    setRestored(undefined);
    setWarnings([]);
    setRefusal('');
    facts.calmDown();
    setDirty(false);
  };
  const discard = (): void => {
    reset({ ...start, ...mend?.values });
    settle();
    void keeper.drop();
  };

  const save = async (anyway: boolean): Promise<boolean> => {
    if (saving) return false;
    const draft = draftOf(record, base.current, getValues());
    facts.speakUp();
    const decision = previewSave(noun, record, draft, { actor, company });
    if (!decision.ok) {
      facts.set(decision.rejection.problems, derivedOf(noun, record, draft, actor));
      setWarnings([]);
      setRefusal(decision.rejection.problems.length === 0 ? decision.rejection.message : '');
      focusProblem(form.current, decision.rejection.problems);
      return false;
    }
    if (!anyway && decision.warnings.length > 0) {
      setWarnings(decision.warnings);
      return false;
    }
    setSaving(true);
    const result = await submit({
      collection: noun.entity.collection,
      command: record ? 'change' : 'create',
      ...(record || mend ? { id: record?.id ?? mend?.id ?? '' } : {}),
      ...(mend ? { again: true } : {}),
      draft,
    }).finally(() => setSaving(false));
    if (!result.ok) {
      const { message, problems } = result.rejection;
      facts.set(problems, derivedOf(noun, record, draft, actor));
      setWarnings([]);
      setRefusal(problems.length === 0 ? message : '');
      focusProblem(form.current, problems);
      return false;
    }
    await keeper.drop();
    clean.current = true;
    settle();
    setMoved(false);
    onSaved(result.document);
    return true;
  };
  const typed = (values: Values): Values => {
    const changed = changedKeys(base.current, values);
    clean.current = false;
    setDirty(Object.keys(changed).length > 0);
    return changed;
  };
  return { methods, facts, restored, dirty, clean, warnings, setWarnings, refusal, moved, saving, base, discard, save, typed };
}

function LoadedForm(props: LoadedFormProps) {
  const { faced, record, start, keeper, mend, quick = false, summary, panel, onLeave } = props;
  const { noun } = faced.view;
  const actor = useActor();
  const form = useRef<HTMLFormElement>(null);
  const { methods, facts, warnings, dirty, discard, save, ...open } = useOpenForm(props, form, actor);
  const { control } = methods;
  const locks = useMemo(() => locksOf(actor.rights, noun.entity, record), [actor.rights, noun, record]);

  // A new record is typed from its first field on.
  useEffect(() => {
    if (record === undefined) form.current?.querySelector<HTMLElement>('.form-grid input:not([type="hidden"]):not([readonly])')?.focus();
  }, [record]);

  // What was refused is known to need a correction: its problems show at once.
  const named = mend?.problems;
  useEffect(() => {
    if (named) focusProblem(form.current, named);
  }, [named]);

  useFormKeys({ form, onSave: () => void save(false), onLeave });
  const onLive = (values: Values): void => {
    const changed = open.typed(values);
    if (Object.keys(changed).length > 0 && !quick) keeper.keep(changed);
  };

  return (
    <FormProvider {...methods}>
      <FormFactsContext value={facts}>
        <LocksContext value={locks}>
          <form
            ref={form}
            className={quick ? 'form form-quick' : 'form'}
            noValidate
            aria-label={`${faced.face.label} details`}
            onSubmit={(event) => {
              event.preventDefault();
              event.stopPropagation();
              void save(false);
            }}
          >
            <LiveCheck control={control} noun={noun} record={record} base={open.base} facts={facts} actor={actor} onLive={onLive} />
            <FormNotices
              restoredAt={open.restored?.savedAt}
              onDiscard={discard}
              refusal={open.refusal}
              moved={open.moved}
              warnings={warnings}
              locked={locks.whole}
              onAnyway={() => void save(true)}
              onBack={() => open.setWarnings([])}
            />
            <FormSections faced={faced} control={control} quick={quick} record={record} start={start} panel={panel} />
            <FormBar
              dirty={dirty}
              denied={locks.whole}
              full={keeper.full}
              saving={open.saving}
              isNew={record === undefined || mend !== undefined}
              onDiscard={discard}
              onLeave={onLeave}
              quick={quick}
              summary={summary}
            />
          </form>
        </LocksContext>
        {quick || mend ? null : <LeaveGuard dirty={dirty} clean={open.clean} onSave={() => save(false)} onDiscard={discard} />}
      </FormFactsContext>
    </FormProvider>
  );
}

/** Puts the cursor into the first field that stops the save. */
function focusProblem(form: HTMLFormElement | null, problems: readonly Problem[]): void {
  const paths = problems.filter((problem) => problem.severity === 'hard').map((problem) => problem.field);
  setTimeout(() => {
    for (const path of paths) {
      const place = form?.querySelector<HTMLElement>(`[data-path="${CSS.escape(path)}"]`);
      const folded = place?.closest('details');
      if (folded) folded.open = true;
      const target = place?.matches('input, textarea, button') ? place : place?.querySelector<HTMLElement>('input, textarea, button');
      if (target) {
        target.focus();
        return;
      }
    }
  }, 0);
}

interface LiveCheckProps {
  readonly control: Control<Values>;
  readonly noun: FacedView['view']['noun'];
  readonly record: AnyDocument | undefined;
  readonly base: { readonly current: Values };
  readonly facts: FormFacts;
  readonly actor: ReturnType<typeof useActor>;
  readonly onLive: (values: Values) => void;
}

/** Follows the values and asks the domain about them; alone in re-rendering with every keystroke. */
function LiveCheck({ control, noun, record, base, facts, actor, onLive }: LiveCheckProps) {
  const values = useWatch({ control });
  const company = useCompany();
  const tell = useEffectEvent(onLive);
  const first = useRef(true);
  useEffect(() => {
    const draft = draftOf(record, base.current, values);
    const decision = previewSave(noun, record, draft, { actor, company });
    if (decision.ok) facts.set(decision.warnings, decision.change.after);
    else facts.set(decision.rejection.problems, derivedOf(noun, record, draft, actor));
    if (!first.current) tell(values);
    first.current = false;
  }, [values, noun, record, base, facts, actor, company]);
  return null;
}

interface FormSectionsProps {
  readonly faced: FacedView;
  readonly control: Control<Values>;
  readonly quick: boolean;
  readonly record: AnyDocument | undefined;
  readonly start: Values;
  readonly panel: RecordFormProps['panel'];
}

/** A small form asks for the first of the first section and for what is required; the rest is filled in on the record's page. */
const QUICK_FIELDS = 6;

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === '' || value === false || (Array.isArray(value) && value.length === 0);

function FormSections({ faced, control, quick, record, start, panel }: FormSectionsProps) {
  const { view, face } = faced;
  const Panel = panel?.show;
  const placed = Object.entries(view.layout).filter(
    (entry): entry is [string, Placement] =>
      entry[1] !== 'hidden' && (entry[1].faces?.includes(face.key) ?? true) && view.noun.entity.fields[entry[0]]?.retired !== true,
  );
  const first = Object.keys(view.sections)[0];
  return Object.entries(view.sections).map(([section, { title, folded }]) => {
    const own = placed.filter(
      ([key, placement]) => placement.section === section && !(record === undefined && view.noun.entity.fields[key]?.computed),
    );
    if (own.length === 0 || (quick && section !== first)) return null;
    const asked = quick ? own.filter(([key], i) => i < QUICK_FIELDS || view.noun.entity.fields[key]?.required === true) : own;
    const fields = (
      <div className="form-grid">
        {asked.map(([key, placement]) => (
          <FormField key={key} fieldKey={key} faced={faced} control={control} placement={placement} />
        ))}
      </div>
    );
    if (quick) return <div key={section}>{fields}</div>;
    const part = folded ? (
      <details className="form-section panel" open={own.some(([key]) => !isEmpty(start[key]))}>
        <summary>
          <h2>{title}</h2>
        </summary>
        {fields}
      </details>
    ) : (
      <section
        className={
          own.length === 1 && view.noun.entity.fields[own[0]?.[0] ?? '']?.kind === 'lines'
            ? 'form-section form-section-solo panel'
            : 'form-section panel'
        }
        aria-label={title}
      >
        <div className="section-head">
          <h2>{title}</h2>
          {section === first ? (
            <div className="section-status">
              <span aria-hidden="true">Status</span>
              <FormField fieldKey="status" faced={faced} control={control} placement={{ section }} bare />
            </div>
          ) : null}
        </div>
        {fields}
      </section>
    );
    return (
      <Fragment key={section}>
        {part}
        {Panel && panel.after === section ? <Panel record={record} /> : null}
      </Fragment>
    );
  });
}

function FormField({
  fieldKey,
  faced,
  control,
  placement,
  bare = false,
}: {
  readonly fieldKey: string;
  readonly faced: FacedView;
  readonly control: Control<Values>;
  readonly placement: Placement;
  readonly bare?: boolean;
}) {
  const field = fieldKey === 'status' ? envelope.status : faced.view.noun.entity.fields[fieldKey];
  if (!field) throw new Error(`${faced.view.noun.entity.noun} has no field ${fieldKey}`);
  const { columns, cells, scale, unit, control: own } = placement;
  return (
    <div style={{ gridColumn: `span ${placement.span ?? spanOf(field)}` }}>
      <Controller
        name={fieldKey}
        control={control}
        render={({ field: { value, onChange } }) => (
          <FieldControl
            field={field}
            path={fieldKey}
            value={value}
            onChange={onChange}
            onPatch={(patch) => {
              if (fieldKey in patch) onChange(patch[fieldKey]);
            }}
            around={NOTHING_AROUND}
            bare={bare}
            readOnly={false}
            {...(columns === undefined ? {} : { columns })}
            {...(cells === undefined ? {} : { cells })}
            {...(scale === undefined ? {} : { scale })}
            {...(unit === undefined ? {} : { unit })}
            {...(own === undefined ? {} : { control: own })}
          />
        )}
      />
    </div>
  );
}
const NOTHING_AROUND = {};
