import { type ReactNode, useId, useLayoutEffect, useRef } from 'react';

interface Props {
  title: string;
  onClose: () => void;
  /** Neither Escape nor the browser's own ways close it: something is under way, or would be lost. */
  locked?: boolean;
  children: ReactNode;
}

/** A modal dialog of the browser's own: it keeps the focus inside, and gives it back to where it came from. */
export function Dialog({ title, onClose, locked = false, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();

  // Closed while it is still in the page: afterwards the browser could not give the focus back.
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => {
      element?.close();
    };
  }, []);

  return (
    <dialog
      ref={dialog}
      className="dialog"
      aria-labelledby={titleId}
      closedby={locked ? 'none' : 'closerequest'}
      onCancel={(event) => {
        event.preventDefault();
        if (!locked) onClose();
      }}
      onClose={({ currentTarget }) => {
        // Opened again since, or never meant to close: a browser may insist at the second Escape.
        if (currentTarget.open) return;
        if (locked) currentTarget.showModal();
        else onClose();
      }}
    >
      <h2 id={titleId}>{title}</h2>
      {children}
    </dialog>
  );
}
