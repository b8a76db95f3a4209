// Long text: its beginning, and the rest where it is wanted.
import { useState } from 'preact/hooks';

const kBeginning = 8_000;

export function Text({ text, kind = '' }: { text: string; kind?: string }) {
  const [whole, setWhole] = useState(false);
  const cut = !whole && text.length > kBeginning;
  return (
    <>
      <pre class={`text ${kind}`} tabIndex={0}>
        <bdi>{cut ? text.slice(0, kBeginning) : text}</bdi>
      </pre>
      {cut && (
        <button type="button" onClick={() => setWhole(true)}>
          Show all {text.length.toLocaleString('en')} characters
        </button>
      )}
    </>
  );
}
