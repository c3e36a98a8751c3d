import { type SubmitEvent, useId, useRef, useState } from 'react';
import { createCredential, type CredentialRequest, type Kind, type Scope, type ShownSecret } from './api.js';
import { Dialog } from './dialog.js';
import { DialogActions } from './dialog-actions.js';
import { a } from './messages.js';
import { useAction } from './queries.js';

const MAX_NAME = 100;
const DAY_MS = 86_400_000;
const DAYS = [30, 90, 365] as const;
const SCOPES = Object.keys(a.scopeText) as Scope[];

interface Props {
  kind: Kind;
  /** Whoever is none would be refused `rates:write`. */
  isAdmin: boolean;
  /** Key of the list that it changes. */
  changes: readonly unknown[];
  onDone: (shown: ShownSecret) => void;
  onClose: () => void;
}

type Missing = 'name' | 'scopes' | null;

export function CreateDialog({ kind, isAdmin, changes, onDone, onClose }: Props) {
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState<readonly Scope[]>([]);
  const [days, setDays] = useState('90');
  const [missing, setMissing] = useState<Missing>(null);
  const action = useAction({ run: (wanted: CredentialRequest) => createCredential(kind, wanted), onDone, changes });

  function onSubmit(event: SubmitEvent): void {
    event.preventDefault();
    const lacks: Missing = name.trim() === '' ? 'name' : chosen.length === 0 ? 'scopes' : null;
    setMissing(lacks);
    if (lacks !== null) return form.current?.querySelector<HTMLElement>(`[name="${lacks}"]`)?.focus();
    const expiresAt = days === '' ? undefined : new Date(Date.now() + Number(days) * DAY_MS).toISOString();
    action.start({ name: name.trim(), scopes: [...chosen], expiresAt });
  }

  return (
    <Dialog title={a.kinds[kind].create} onClose={onClose} locked={action.busy}>
      <form ref={form} onSubmit={onSubmit} noValidate>
        <div className="field">
          <label htmlFor={`${id}-name`}>{a.name}</label>
          <input
            id={`${id}-name`}
            className="text-input"
            name="name"
            type="text"
            maxLength={MAX_NAME}
            autoComplete="off"
            required
            aria-invalid={missing === 'name' || undefined}
            aria-describedby={`${id}-name-hint`}
            value={name}
            onChange={({ target }) => {
              setName(target.value);
            }}
          />
          <p id={`${id}-name-hint`} className={missing === 'name' ? 'field-missing' : 'field-hint'}>
            {missing === 'name' ? a.nameMissing : a.nameHint}
          </p>
        </div>
        <fieldset className="choices">
          <legend>{a.scopes}</legend>
          {missing === 'scopes' && (
            <p id={`${id}-scopes-missing`} className="field-missing">
              {a.scopesMissing}
            </p>
          )}
          {SCOPES.filter((scope) => isAdmin || scope !== 'rates:write').map((scope) => (
            <label className="choice" key={scope}>
              <input
                type="checkbox"
                name="scopes"
                aria-describedby={missing === 'scopes' ? `${id}-scopes-missing` : undefined}
                checked={chosen.includes(scope)}
                onChange={({ target }) => {
                  setChosen((before) => (target.checked ? [...before, scope] : before.filter((one) => one !== scope)));
                }}
              />
              <span>
                {a.scopeText[scope]} <code className="choice-code">{scope}</code>
              </span>
            </label>
          ))}
        </fieldset>
        <div className="field">
          <label htmlFor={`${id}-days`}>{a.expiry}</label>
          <select
            id={`${id}-days`}
            className="text-input"
            value={days}
            onChange={({ target }) => {
              setDays(target.value);
            }}
          >
            {DAYS.map((one) => (
              <option key={one} value={one}>
                {a.expiryDays[one]}
              </option>
            ))}
            <option value="">{a.noExpiry}</option>
          </select>
        </div>
        <DialogActions action={action} busyText={a.creating} onCancel={onClose}>
          {a.create}
        </DialogActions>
      </form>
    </Dialog>
  );
}
