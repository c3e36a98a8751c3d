import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type User } from './api.js';
import { CountryChooser } from './components/country-chooser.js';
import { Dashboard } from './components/dashboard.js';
import { Landing } from './components/landing.js';
import { PageFrame } from './components/page-frame.js';
import { ProblemNote } from './components/problem-note.js';
import { t } from './locale.js';
import { meQuery } from './queries.js';

/** Which of the three views: signed out, no country yet, the rates. */
export function App() {
  const me = useQuery(meQuery);

  if (me.data) return <SignedIn user={me.data} />;
  if (me.data === null) {
    return (
      <PageFrame>
        <Landing />
      </PageFrame>
    );
  }
  if (me.error) {
    return (
      <PageFrame>
        <ProblemNote level={1} error={me.error} onRetry={() => void me.refetch()} />
      </PageFrame>
    );
  }
  // Nothing to look at yet: which view it will be is not known, and a foot drawn now would move.
  return (
    <PageFrame foot={false}>
      <h1 className="visually-hidden">{t.brand}</h1>
      <p className="visually-hidden" role="status">
        {t.loading}
      </p>
    </PageFrame>
  );
}

function SignedIn({ user }: { user: User }) {
  const [choosing, setChoosing] = useState(false);
  const { country, currency } = user;

  if (choosing || country === null || currency === null) {
    return (
      <PageFrame user={user}>
        <CountryChooser
          current={country}
          onDone={() => {
            setChoosing(false);
          }}
        />
      </PageFrame>
    );
  }
  return (
    <PageFrame
      user={user}
      country={country}
      onChangeCountry={() => {
        setChoosing(true);
      }}
    >
      <Dashboard
        key={currency}
        currency={currency}
        onChooseCountry={() => {
          setChoosing(true);
        }}
      />
    </PageFrame>
  );
}
