// A future's labels.
export function Labels({ labels }: { labels: Record<string, string> | undefined }) {
  const pairs = Object.entries(labels ?? {});
  if (pairs.length === 0) return null;
  return (
    <span class="labels">
      {pairs.map(([key, value]) => (
        <bdi key={key} class="label" title={`${key}=${value}`}>
          {key}=<b>{value}</b>
        </bdi>
      ))}
    </span>
  );
}
