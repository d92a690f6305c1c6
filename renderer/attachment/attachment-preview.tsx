/** A picture or a plain text, shown in the desk itself: the desktop shell opens no windows, and needs none. */
import './attachment.css';
import { Button } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { Dialog } from '../ui/dialog.tsx';

export interface AttachmentPreviewProps {
  readonly file: { readonly blob: Blob; readonly name: string };
  readonly kind: 'picture' | 'text';
  readonly onSave: () => void;
  readonly onClose: () => void;
}

export function AttachmentPreview({ file, kind, onSave, onClose }: AttachmentPreviewProps) {
  return (
    <Dialog title={file.name} size="xl" onClose={onClose}>
      {kind === 'picture' ? <Picture blob={file.blob} name={file.name} /> : <PlainText blob={file.blob} />}
      <div className="preview-actions">
        <Button variant="default" onClick={onSave}>
          Save to a file
        </Button>
      </div>
    </Dialog>
  );
}

function Picture({ blob, name }: { readonly blob: Blob; readonly name: string }) {
  const image = useRef<HTMLImageElement>(null);
  const [broken, setBroken] = useState(false);
  useEffect(() => {
    const url = URL.createObjectURL(blob);
    if (image.current) image.current.src = url;
    return () => URL.revokeObjectURL(url);
  }, [blob]);
  if (broken) return <p>This picture cannot be shown here. Save it and open it with another program.</p>;
  return <img ref={image} className="preview-picture" alt={name} onError={() => setBroken(true)} />;
}

/** Longest text shown, in characters; the file itself is saved whole. */
const TEXT_MOST = 200_000;

function PlainText({ blob }: { readonly blob: Blob }) {
  const [text, setText] = useState('');
  useEffect(() => {
    let live = true;
    void blob.text().then((all) => {
      if (live) setText(all.length > TEXT_MOST ? `${all.slice(0, TEXT_MOST)}\n… the rest is in the file` : all);
    });
    return () => {
      live = false;
    };
  }, [blob]);
  return (
    <pre className="preview-text" tabIndex={0} role="region" aria-label="Text of the file">
      {text}
    </pre>
  );
}
