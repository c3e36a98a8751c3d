import { type Credential, type Kind } from './api.js';
import { a } from './messages.js';
import { Day, Moment } from './parts.js';

interface Props {
  kind: Kind;
  credential: Credential;
  /** When the list was fetched, in ms. */
  now: number;
  onRotate: () => void;
  onDelete: () => void;
}

export function CredentialEntry({ kind, credential, now, onRotate, onDelete }: Props) {
  const { id, name, scopes, createdAt, expiresAt, lastUsedAt, rotatedAt } = credential;
  const expired = expiresAt !== null && Date.parse(expiresAt) <= now;
  return (
    <li className="entry">
      <div className="entry-main">
        <h3 tabIndex={-1}>
          {name} {expired && <span className="badge">{a.expired}</span>}
        </h3>
        <dl className="facts">
          <div>
            <dt>{kind === 'hmac-clients' ? a.keyId : a.id}</dt>
            <dd>
              <code>{id}</code>
            </dd>
          </div>
          <div>
            <dt>{a.mayDo}</dt>
            <dd>
              {scopes.map((scope) => (
                <code className="scope" key={scope}>
                  {scope}
                </code>
              ))}
            </dd>
          </div>
          <div>
            <dt>{a.created}</dt>
            <dd>
              <Day at={createdAt} />
            </dd>
          </div>
          {rotatedAt !== null && (
            <div>
              <dt>{a.replaced}</dt>
              <dd>
                <Day at={rotatedAt} />
              </dd>
            </div>
          )}
          <div>
            <dt>{a.expires}</dt>
            <dd>{expiresAt === null ? a.never : <Day at={expiresAt} />}</dd>
          </div>
          <div>
            <dt>{a.lastUsed}</dt>
            <dd>{lastUsedAt === null ? a.notUsed : <Moment at={lastUsedAt} now={now} />}</dd>
          </div>
        </dl>
      </div>
      <div className="entry-actions">
        {/* A new secret would not wake it: its end stays the same. */}
        {!expired && (
          <button
            type="button"
            className="button button-plain button-small"
            aria-label={a.rotateOf(name)}
            onClick={onRotate}
          >
            {a.rotate}
          </button>
        )}
        <button
          type="button"
          className="button button-plain button-small"
          aria-label={a.deleteOf(name)}
          onClick={onDelete}
        >
          {a.delete}
        </button>
      </div>
    </li>
  );
}
