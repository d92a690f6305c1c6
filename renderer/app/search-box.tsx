/** The one box: finds any record by any identifier, goes anywhere, starts any command. `/` and Ctrl+K lead here. */
import { Combobox, type ComboboxStore, TextInput, useCombobox, useMantineColorScheme } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { IconSearch } from '@tabler/icons-react';
import { type RefObject, useEffect, useEffectEvent, useMemo, useRef, useState } from 'react';
import { useDesk } from '../data/live.ts';
import { plain, storedStates } from '../data/commit.ts';
import type { Hit } from '../search/search.ts';
import { useHits } from '../search/use-search.ts';
import { useSync } from '../sync/connection.ts';
import { useViewBook } from '../ui/view-book.tsx';
import { allDestinations } from './destinations.ts';

interface DeskCommand {
  readonly key: string;
  readonly name: string;
  readonly run: () => void;
}
const MOST_HITS = 12;

function useCommands(): readonly DeskCommand[] {
  const navigate = useNavigate();
  const book = useViewBook();
  const sync = useSync();
  const { toggleColorScheme } = useMantineColorScheme();
  return useMemo(
    () => [
      ...allDestinations.map(({ name, to }) => ({ key: `go ${to}`, name: `Go to ${name}`, run: () => void navigate({ to }) })),
      ...allDestinations.flatMap(({ face }) => {
        const faced = face === undefined ? undefined : book.face(face);
        return faced
          ? [
              {
                key: `new ${faced.face.key}`,
                name: `New ${faced.face.label.toLowerCase()}`,
                run: () => void navigate({ to: '/$face/new', params: { face: faced.face.key } }),
              },
            ]
          : [];
      }),
      { key: 'sync', name: 'Sync now', run: () => sync.syncNow() },
      { key: 'theme', name: 'Switch between light and dark', run: () => toggleColorScheme() },
    ],
    [navigate, book, sync, toggleColorScheme],
  );
}

const matching = (commands: readonly DeskCommand[], typed: string): readonly DeskCommand[] => {
  const words = typed.toLowerCase().split(/\s+/u).filter(Boolean);
  return commands.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)));
};

/** Opens the page of a hit; which face shows it depends on the record (a party is supplier, customer or carrier). */
function useOpenHit(): (hit: Hit) => Promise<void> {
  const desk = useDesk();
  const book = useViewBook();
  const navigate = useNavigate();
  return async ({ collection, id }) => {
    const stored = (await storedStates(desk, collection, [id])).get(id);
    const faced = stored ? book.faceOf(collection, plain(stored)) : undefined;
    if (faced) await navigate({ to: '/$face/$id', params: { face: faced.face.key, id } });
  };
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(input|textarea|select)$/iu.test(target.tagName));

/** `/` puts the keyboard into the box, Ctrl+K also opens the commands. */
function useSearchKeys(input: RefObject<HTMLInputElement | null>, combobox: ComboboxStore): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const palette = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k';
      if (!palette && !(event.key === '/' && !isTyping(event.target))) return;
      event.preventDefault();
      input.current?.focus();
      input.current?.select();
      if (palette) combobox.openDropdown();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [input, combobox]);
}

export function SearchBox() {
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState('');
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const book = useViewBook();
  const commands = useCommands();
  const open = useOpenHit();
  const query = typed.startsWith('>') ? '' : typed;
  const { hits, settled, ready } = useHits(query, { limit: MOST_HITS });
  const shown = useMemo(() => hits.filter((hit) => book.view(hit.collection) !== undefined), [hits, book]);
  const offered = useMemo(
    () => (typed === '' ? commands : matching(commands, typed.replace(/^>/u, ''))).slice(0, typed === '' ? 40 : 8),
    [commands, typed],
  );

  useSearchKeys(input, combobox);
  const selectFirst = useEffectEvent(() => {
    if (combobox.dropdownOpened && typed !== '') combobox.selectFirstOption();
  });
  useEffect(() => selectFirst(), [shown, offered]);

  const submit = (value: string): void => {
    combobox.closeDropdown();
    setTyped('');
    input.current?.blur();
    const [kind, ...rest] = value.split(' ');
    if (kind === 'record') {
      const hit = shown.find((one) => `${one.collection} ${one.id}` === rest.join(' '));
      if (hit) void open(hit);
    } else commands.find(({ key }) => key === value)?.run();
  };

  return (
    <div className="shell-search" role="search">
      <Combobox store={combobox} onOptionSubmit={submit} withinPortal={false} keepMounted={false} offset={3}>
        <Combobox.Target withExpandedAttribute>
          <TextInput
            ref={input}
            role="combobox"
            aria-label="Search everything"
            placeholder="Search everything: name, PO, EST, MC, city, e-mail"
            leftSection={<IconSearch size={15} aria-hidden="true" />}
            rightSection={
              typed === '' ? (
                <span className="kbd" aria-hidden="true">
                  /
                </span>
              ) : null
            }
            value={typed}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => {
              setTyped(event.currentTarget.value);
              combobox.openDropdown();
            }}
            onClick={() => combobox.openDropdown()}
            onBlur={() => combobox.closeDropdown()}
            onKeyDown={(event) => {
              if (event.key !== 'Escape') return;
              if (typed === '' && !combobox.dropdownOpened) input.current?.blur();
              setTyped('');
              combobox.closeDropdown();
            }}
          />
        </Combobox.Target>
        <Combobox.Dropdown>
          <Results hits={shown} commands={offered} nothing={settled ? nothingFound(typed, ready) : undefined} />
        </Combobox.Dropdown>
      </Combobox>
    </div>
  );
}

const nothingFound = (typed: string, ready: boolean): string =>
  ready ? `Nothing on this device matches “${typed.trim()}”.` : 'The index is still being built; more may appear in a moment.';

interface ResultsProps {
  readonly hits: readonly Hit[];
  readonly commands: readonly DeskCommand[];
  /** What to say when there is neither; absent while the answer is still coming. */
  readonly nothing: string | undefined;
}

function Results({ hits, commands, nothing }: ResultsProps) {
  return (
    <Combobox.Options mah={460} style={{ overflowY: 'auto' }} aria-label="Search results">
      {hits.length > 0 ? (
        <Combobox.Group label="Records">
          {hits.map((hit) => (
            <Combobox.Option key={`${hit.collection} ${hit.id}`} value={`record ${hit.collection} ${hit.id}`}>
              <div className="pick-title">{hit.title}</div>
              {hit.subtitle === '' ? null : <div className="pick-subtitle">{hit.subtitle}</div>}
            </Combobox.Option>
          ))}
        </Combobox.Group>
      ) : null}
      {commands.length > 0 ? (
        <Combobox.Group label="Commands">
          {commands.map(({ key, name }) => (
            <Combobox.Option key={key} value={key}>
              {name}
            </Combobox.Option>
          ))}
        </Combobox.Group>
      ) : null}
      {hits.length === 0 && commands.length === 0 && nothing !== undefined ? <Combobox.Empty>{nothing}</Combobox.Empty> : null}
    </Combobox.Options>
  );
}
