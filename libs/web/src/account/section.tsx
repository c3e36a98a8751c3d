import { type ReactNode, useEffect, useRef, useState } from 'react';

/** What a section says after something was done, and whether what was done took the focused button away. */
export function useAnnouncement() {
  const [said, setSaid] = useState({ text: '', moved: 0 });
  return {
    said,
    /** Says it and goes to the section's heading. */
    announce: (text: string) => {
      setSaid(({ moved }) => ({ text, moved: moved + 1 }));
    },
    hush: () => {
      setSaid(({ moved }) => ({ text: '', moved }));
    },
  };
}

interface Props {
  id: string;
  title: string;
  text?: string;
  said: { text: string; moved: number };
  children: ReactNode;
}

export function Section({ id, title, text, said, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { moved } = said;
  useEffect(() => {
    if (moved > 0) heading.current?.focus();
  }, [moved]);

  return (
    <section className="account-section" id={id} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`} ref={heading} tabIndex={-1}>
        {title}
      </h2>
      {text && <p className="account-text">{text}</p>}
      <p className="account-said" role="status">
        {said.text}
      </p>
      {children}
    </section>
  );
}
