/** What saving would change, in words, and why it is done. */
import { ReasonInput } from './reason-input.tsx';

interface ChangesProps {
  readonly changes: readonly string[];
  readonly reason: string;
  readonly onReason: (reason: string) => void;
}

export function ChangesAndReason({ changes, reason, onReason }: ChangesProps) {
  return (
    <>
      <div className="admin-changes" role="status">
        <ul>
          {changes.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      </div>
      <ReasonInput value={reason} onChange={onReason} />
    </>
  );
}
