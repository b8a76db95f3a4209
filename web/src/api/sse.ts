// Server-sent events over fetch(), as EventSource sends no headers.

export interface SentEvent {
  name: string;
  data: string;
}

// Collects lines into events, as the standard says, but for `id` and `retry`, which nobody here needs.
export class EventParser {
  private rest = '';
  private name = '';
  private data: string[] = [];

  feed(text: string): SentEvent[] {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop() ?? '';
    const events: SentEvent[] = [];
    for (const ended of lines) {
      const line = ended.endsWith('\r') ? ended.slice(0, -1) : ended;
      if (line !== '') {
        this.take(line);
      } else {
        if (this.data.length > 0) events.push({ name: this.name || 'message', data: this.data.join('\n') });
        this.name = '';
        this.data = [];
      }
    }
    return events;
  }

  private take(line: string): void {
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.name = value;
    if (field === 'data') this.data.push(value);
  }
}
