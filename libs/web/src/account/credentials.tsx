import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type User } from '../api.js';
import { ProblemNote } from '../components/problem-note.js';
import { queryClient } from '../queries.js';
import { type Credential, type Kind, type ShownSecret } from './api.js';
import { CreateDialog } from './create-dialog.js';
import { CredentialEntry } from './credential-entry.js';
import { DeleteDialog, RotateDialog } from './credential-dialogs.js';
import { a } from './messages.js';
import { credentialsQuery } from './queries.js';
import { SecretDialog } from './secret-dialog.js';
import { Section, useAnnouncement } from './section.js';

type Open =
  | { dialog: 'create' }
  | { dialog: 'rotate' | 'delete'; credential: Credential }
  | { dialog: 'secret'; shown: ShownSecret };

/** API keys, or signed clients: what a person's programs come with. */
export function Credentials({ kind, user }: { kind: Kind; user: User }) {
  const query = credentialsQuery(user.id, kind);
  const { data, error, dataUpdatedAt, refetch } = useQuery(query);
  const { section, said, say, sayGone } = useAnnouncement(data?.length);
  const [open, setOpen] = useState<Open | null>(null);
  const texts = a.kinds[kind];
  const show = (next: Open): void => {
    say('');
    setOpen(next);
  };
  const close = (): void => {
    setOpen(null);
  };
  const showSecret = (shown: ShownSecret): void => {
    setOpen({ dialog: 'secret', shown });
  };

  return (
    <Section id={kind} ref={section} title={texts.title} text={texts.text} said={said}>
      {kind === 'hmac-clients' && (
        <p className="account-text">
          {a.howToSign} <code>docs/signing-requests.md</code>. <a href="/docs">{a.apiDocs}</a>
        </p>
      )}
      {error && !data && <ProblemNote error={error} onRetry={() => void refetch()} />}
      {data?.length === 0 && <p className="account-none">{texts.none}</p>}
      {data && data.length > 0 && (
        <ul className="entries">
          {data.map((credential) => (
            <CredentialEntry
              key={credential.id}
              kind={kind}
              credential={credential}
              now={dataUpdatedAt}
              onRotate={() => {
                show({ dialog: 'rotate', credential });
              }}
              onDelete={() => {
                show({ dialog: 'delete', credential });
              }}
            />
          ))}
        </ul>
      )}
      {data && (
        <button
          type="button"
          className="button button-plain"
          onClick={() => {
            show({ dialog: 'create' });
          }}
        >
          {texts.create}
        </button>
      )}
      {open?.dialog === 'create' && (
        <CreateDialog
          kind={kind}
          isAdmin={user.role === 'admin'}
          changes={query.queryKey}
          onDone={showSecret}
          onClose={close}
        />
      )}
      {open?.dialog === 'rotate' && (
        <RotateDialog
          kind={kind}
          credential={open.credential}
          changes={query.queryKey}
          onDone={showSecret}
          onClose={close}
        />
      )}
      {open?.dialog === 'delete' && (
        <DeleteDialog
          kind={kind}
          credential={open.credential}
          changes={query.queryKey}
          onDone={() => {
            const { id, name } = open.credential;
            close();
            sayGone(data?.findIndex((one) => one.id === id) ?? 0, a.deleted(name));
            queryClient.setQueryData(query.queryKey, (all) => all?.filter((one) => one.id !== id));
          }}
          onClose={close}
        />
      )}
      {open?.dialog === 'secret' && <SecretDialog kind={kind} shown={open.shown} onClose={close} />}
    </Section>
  );
}
