import { type SubmitEvent, useId, useRef, useState } from 'react';
import { deleteAccount, downloadExport } from './api.js';
import { Dialog } from './dialog.js';
import { DialogActions } from './dialog-actions.js';
import { a } from './messages.js';
import { BusyButton, ProblemLine } from './parts.js';
import { useAction } from './queries.js';
import { Section } from './section.js';

/** Taking everything along, and leaving. */
export function YourData({ onDeleted }: { onDeleted: () => void }) {
  const [said, setSaid] = useState('');
  const [asking, setAsking] = useState(false);
  const download = useAction({
    run: downloadExport,
    onDone: () => {
      setSaid(a.exported);
    },
  });

  return (
    <Section id="data" title={a.data} said={said}>
      <div className="data-part">
        <p className="account-text">{a.exportText}</p>
        <BusyButton
          className="button button-plain"
          busy={download.busy}
          busyText={a.exporting}
          onClick={() => {
            setSaid('');
            download.start();
          }}
        >
          {a.export}
        </BusyButton>
        {download.error && <ProblemLine error={download.error} />}
      </div>
      <div className="data-part">
        <p className="account-text">{a.deleteAccountText}</p>
        <button
          type="button"
          className="button button-danger"
          onClick={() => {
            setAsking(true);
          }}
        >
          {a.deleteAccount}
        </button>
      </div>
      {asking && (
        <DeleteAccount
          onDeleted={onDeleted}
          onClose={() => {
            setAsking(false);
          }}
        />
      )}
    </Section>
  );
}

/** To be confirmed by a word: nobody types it by a slip. */
function DeleteAccount({ onDeleted, onClose }: { onDeleted: () => void; onClose: () => void }) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [word, setWord] = useState('');
  const [wrong, setWrong] = useState(false);
  const action = useAction({ run: deleteAccount, onDone: onDeleted });

  function onSubmit(event: SubmitEvent): void {
    event.preventDefault();
    const isWrong = word.trim().toLowerCase() !== a.deleteWord;
    setWrong(isWrong);
    if (isWrong) input.current?.focus();
    else action.start();
  }

  return (
    <Dialog title={a.deleteAccountQuestion} onClose={onClose} locked={action.busy}>
      <form onSubmit={onSubmit} noValidate>
        <ul>
          {a.deleteAccountLosses.map((loss) => (
            <li key={loss}>{loss}</li>
          ))}
        </ul>
        <p>{a.deleteAccountFinal}</p>
        <div className="field">
          <label htmlFor={`${id}-word`}>{a.deleteWordLabel(a.deleteWord)}</label>
          <input
            id={`${id}-word`}
            ref={input}
            className="text-input"
            type="text"
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            aria-invalid={wrong || undefined}
            aria-describedby={wrong ? `${id}-wrong` : undefined}
            value={word}
            onChange={({ target }) => {
              setWord(target.value);
            }}
          />
          {wrong && (
            <p id={`${id}-wrong`} className="field-missing">
              {a.deleteWordWrong(a.deleteWord)}
            </p>
          )}
        </div>
        <DialogActions action={action} busyText={a.deleting} danger onCancel={onClose}>
          {a.deleteAccount}
        </DialogActions>
      </form>
    </Dialog>
  );
}
