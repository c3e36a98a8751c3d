import { useState } from 'react';
import { type Credential, type Kind, removeCredential, rotateCredential, type ShownSecret } from './api.js';
import { Dialog } from './dialog.js';
import { DialogActions } from './dialog-actions.js';
import { a } from './messages.js';
import { useAction } from './queries.js';

interface Props<Output> {
  kind: Kind;
  credential: Credential;
  /** Key of the list that it changes. */
  changes: readonly unknown[];
  onDone: (output: Output) => void;
  onClose: () => void;
}

/** Seconds for which the secret before counts as well. First the API's own default, by which nothing stops working. */
const OVERLAPS = [86_400, 3_600, 0] as const;

export function RotateDialog({ kind, credential, changes, onDone, onClose }: Props<ShownSecret>) {
  const [overlap, setOverlap] = useState<number>(OVERLAPS[0]);
  const action = useAction({ run: () => rotateCredential(kind, credential.id, overlap), onDone, changes });
  return (
    <Dialog title={a.kinds[kind].rotateQuestion(credential.name)} onClose={onClose} locked={action.busy}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          action.start();
        }}
      >
        <p>{a.kinds[kind].rotateText}</p>
        <fieldset className="choices">
          <legend>{a.overlap}</legend>
          {OVERLAPS.map((seconds) => (
            <label className="choice" key={seconds}>
              <input
                type="radio"
                name="overlap"
                checked={overlap === seconds}
                onChange={() => {
                  setOverlap(seconds);
                }}
              />
              <span>{a.overlaps[seconds]}</span>
            </label>
          ))}
        </fieldset>
        <DialogActions action={action} busyText={a.rotating} onCancel={onClose}>
          {a.rotate}
        </DialogActions>
      </form>
    </Dialog>
  );
}

export function DeleteDialog({ kind, credential, changes, onDone, onClose }: Props<void>) {
  const action = useAction({ run: () => removeCredential(kind, credential.id), onDone, changes });
  return (
    <Dialog title={a.kinds[kind].deleteQuestion(credential.name)} onClose={onClose} locked={action.busy}>
      <p>{a.kinds[kind].deleteText}</p>
      <DialogActions
        action={action}
        busyText={a.deleting}
        danger
        onCancel={onClose}
        onConfirm={() => {
          action.start();
        }}
      >
        {a.delete}
      </DialogActions>
    </Dialog>
  );
}
