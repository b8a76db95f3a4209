// What came of what was asked for.
import { dismiss, notices } from '../state/notices';

export function Notices() {
  return (
    <div class="notices" role="status" aria-live="polite">
      {notices.value.map(({ key, kind, text }) => (
        <div key={key} class={`notice notice-${kind}`}>
          <bdi>{text.slice(0, 600)}</bdi>
          <button type="button" class="icon" aria-label="Dismiss" onClick={() => dismiss(key)}>
            ×
          </button>
        </div>
      ))}
    </div>
  );
}
