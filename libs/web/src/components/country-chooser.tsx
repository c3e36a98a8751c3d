import { useMutation, useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { type Country, setCountry } from '../api.js';
import { searchCountries } from '../country-search.js';
import { Formats } from '../formats.js';
import { formats, locale, t } from '../locale.js';
import { countriesQuery, userChanged } from '../queries.js';
import { Flag } from './flag.js';
import { ProblemNote } from './problem-note.js';

const LIST_ID = 'country-list';
const optionId = (code: string): string => `country-${code}`;
const PAGE_ROWS = 6;

/** Everybody knows the English names of countries and currencies, whatever the page's language. */
const english = new Formats('en');

interface Props {
  /** The country chosen until now; null on the first visit, when there is no way back. */
  current: string | null;
  onDone: () => void;
}

/** A combobox whose list of countries is always open. Choosing stores the country at once. */
export function CountryChooser({ current, onDone }: Props) {
  const countries = useQuery(countriesQuery);
  const save = useMutation({
    mutationFn: setCountry,
    onSuccess: (user) => {
      userChanged(user);
      onDone();
    },
  });

  return (
    <section className="chooser" aria-labelledby="chooser-title" aria-busy={countries.isPending || save.isPending}>
      <h1 id="chooser-title">{t.chooseCountry}</h1>
      <p className="lead">{t.chooseCountryText}</p>
      {save.error && (
        <ProblemNote
          error={save.error}
          onRetry={() => {
            save.mutate(save.variables);
          }}
        />
      )}
      {countries.error && !countries.data ? (
        <ProblemNote error={countries.error} onRetry={() => void countries.refetch()} />
      ) : (
        <Combobox
          countries={countries.data ?? []}
          loading={countries.isPending}
          current={current}
          saving={save.isPending ? save.variables : null}
          onChoose={(code) => {
            if (!save.isPending) save.mutate(code);
          }}
          onCancel={current === null ? null : onDone}
        />
      )}
      {current !== null && (
        <button type="button" className="button button-plain" onClick={onDone}>
          {t.cancel}
        </button>
      )}
    </section>
  );
}

interface ComboboxProps {
  countries: Country[];
  loading: boolean;
  current: string | null;
  saving: string | null;
  onChoose: (code: string) => void;
  onCancel: (() => void) | null;
}

function Combobox({ countries, loading, current, saving, onChoose, onCancel }: ComboboxProps) {
  const [text, setText] = useState('');
  const [active, setActive] = useState(current);
  const input = useRef<HTMLInputElement>(null);

  const all = useMemo(() => {
    const collator = new Intl.Collator(locale);
    return countries
      .map((country) => ({
        ...country,
        charted: country.chart === 'available',
        currencyName: country.currency && formats.currencyName(country.currency),
        names: [formats, english]
          .flatMap((one) => [one.countryName(country.code), one.shortCountryName(country.code)])
          .concat(country.name),
        currencyNames: country.currency
          ? [formats, english].map((one) => one.currencyName(country.currency ?? ''))
          : [],
      }))
      .sort((a, b) => collator.compare(a.name, b.name));
  }, [countries]);
  const shown = useMemo(() => searchCountries(all, text), [all, text]);
  const activeIndex = shown.findIndex(({ code }) => code === active);

  useEffect(() => {
    input.current?.focus();
  }, []);
  useEffect(() => {
    if (active !== null) document.getElementById(optionId(active))?.scrollIntoView({ block: 'nearest' });
  }, [active, all]);

  function onKeyDown(event: KeyboardEvent): void {
    // While Korean is being composed, Enter and the arrows belong to the input method.
    if (event.nativeEvent.isComposing) return;
    const last = shown.length - 1;
    const steps: Record<string, number> = {
      ArrowDown: activeIndex === last ? 0 : activeIndex + 1,
      ArrowUp: activeIndex <= 0 ? last : activeIndex - 1,
      PageDown: Math.min(last, Math.max(0, activeIndex) + PAGE_ROWS),
      PageUp: Math.max(0, activeIndex - PAGE_ROWS),
    };
    const next = steps[event.key];
    if (next !== undefined) {
      setActive(shown[next]?.code ?? null);
    } else if (event.key === 'Enter' && shown[activeIndex]) {
      onChoose(shown[activeIndex].code);
    } else if (event.key === 'Escape' && text !== '') {
      setText('');
    } else if (event.key === 'Escape' && onCancel) {
      onCancel();
    } else {
      return;
    }
    event.preventDefault();
  }

  return (
    <div className="combobox">
      <label htmlFor="country-search">{t.searchCountry}</label>
      <input
        id="country-search"
        ref={input}
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls={LIST_ID}
        aria-autocomplete="list"
        aria-activedescendant={activeIndex >= 0 && active !== null ? optionId(active) : undefined}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        value={text}
        onChange={({ target }) => {
          setText(target.value);
          setActive(target.value.trim() === '' ? current : (searchCountries(all, target.value)[0]?.code ?? null));
        }}
        onKeyDown={onKeyDown}
      />
      <p className="visually-hidden" role="status">
        {loading ? t.loading : saving ? t.saving : t.countryCount(shown.length)}
      </p>
      <ul id={LIST_ID} className="options" role="listbox" aria-label={t.countries}>
        {shown.map((country) => (
          <li
            key={country.code}
            id={optionId(country.code)}
            className="option"
            role="option"
            aria-selected={country.code === active}
            aria-current={country.code === current ? 'true' : undefined}
            data-saving={country.code === saving || undefined}
            onClick={() => {
              setActive(country.code);
              onChoose(country.code);
            }}
          >
            <Flag code={country.code} />
            <span className="option-name">{country.name}</span>
            <span className="option-currency">
              {country.currencyName} <span className="option-code">{country.currency}</span>
            </span>
            {t.chartNote[country.chart] && <span className="option-note">{t.chartNote[country.chart]}</span>}
          </li>
        ))}
      </ul>
      {!loading && shown.length === 0 && <p className="options-empty">{t.noCountry(text.trim())}</p>}
    </div>
  );
}
