// A bar that shows a share, 0 to 1.
export function Meter({ share, name, kind = 'busy' }: { share: number; name: string; kind?: string }) {
  const percent = Math.round(Math.min(1, Math.max(0, share)) * 1000) / 10;
  return (
    <div class={`meter meter-${kind}`} role="meter" aria-label={name} aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent}>
      <div style={{ width: `${percent}%` }} />
    </div>
  );
}
