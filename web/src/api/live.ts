// A stream of events that comes back by itself: after an error, a restart of the daemon, silence, or a hidden page.
import { signal, type ReadonlySignal } from '@preact/signals';
import { CallError, messageOf, request } from './http';
import { EventParser, type SentEvent } from './sse';
import { loginNeeded } from '../state/session';

export type LiveState = 'connecting' | 'live' | 'waiting' | 'refused' | 'hidden' | 'ended';

export interface LiveStatus {
  state: LiveState;
  // Why it waits or was refused.
  reason: string;
}

const kFirstDelay = 400;
const kLongestDelay = 5_000;
const kRefusedDelay = 15_000;
// The daemon sends something each second, or a comment each 15 seconds.
const kSilence = 40_000;
// A page that nobody sees keeps its connections for so long: browsers have six for a daemon.
const kHidden = 10_000;

export class Live {
  readonly status: ReadonlySignal<LiveStatus>;
  private readonly shown = signal<LiveStatus>({ state: 'connecting', reason: '' });
  private abort = new AbortController();
  private timer = 0;
  private watchdog = 0;
  private delay = kFirstDelay;
  private stopped = false;
  private readonly forget: () => void;

  // `path` is asked again for each connection. `take` returns true when the stream has told everything.
  constructor(
    private readonly path: () => string,
    private readonly take: (event: SentEvent) => boolean | void,
  ) {
    this.status = this.shown;
    document.addEventListener('visibilitychange', this.seen);
    this.forget = loginNeeded.subscribe((needed) => {
      if (!needed && this.shown.peek().state === 'refused') this.restart();
    });
    void this.run();
  }

  stop(): void {
    this.stopped = true;
    document.removeEventListener('visibilitychange', this.seen);
    this.forget();
    this.hang();
  }

  // At once instead of after the delay: after a login, say.
  restart(): void {
    if (this.stopped) return;
    this.hang();
    this.delay = kFirstDelay;
    void this.run();
  }

  private readonly seen = (): void => {
    window.clearTimeout(this.timer);
    if (document.hidden) {
      this.timer = window.setTimeout(() => {
        this.hang();
        this.shown.value = { state: 'hidden', reason: '' };
      }, kHidden);
    } else if (this.shown.value.state !== 'live' && this.shown.value.state !== 'ended') {
      this.restart();
    }
  };

  private hang(): void {
    this.abort.abort();
    window.clearTimeout(this.timer);
    window.clearTimeout(this.watchdog);
  }

  private async run(): Promise<void> {
    const abort = new AbortController();
    this.abort = abort;
    this.shown.value = { state: 'connecting', reason: this.shown.peek().reason };
    try {
      const ended = await this.read(abort);
      if (abort.signal.aborted) return;
      if (ended) {
        this.stop();
        this.shown.value = { state: 'ended', reason: '' };
      } else {
        this.again('The daemon ended the stream.', kFirstDelay, 'waiting');
      }
    } catch (error) {
      if (abort.signal.aborted) return;
      const refused = error instanceof CallError && error.status >= 400 && error.status < 500;
      this.again(messageOf(error), refused ? kRefusedDelay : this.delay, refused ? 'refused' : 'waiting');
    }
  }

  private again(reason: string, delay: number, state: LiveState): void {
    window.clearTimeout(this.watchdog);
    this.shown.value = { state, reason };
    this.delay = Math.min(this.delay * 1.7, kLongestDelay);
    if (!loginNeeded.value) this.timer = window.setTimeout(() => void this.run(), delay);
  }

  private async read(abort: AbortController): Promise<boolean> {
    this.listen(abort);
    const answer = await request(this.path(), { signal: abort.signal });
    const reader = answer.body?.getReader();
    if (!reader) return false;
    const decoder = new TextDecoder();
    const parser = new EventParser();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return false;
      this.listen(abort);
      if (this.shown.value.state !== 'live') {
        this.shown.value = { state: 'live', reason: '' };
        this.delay = kFirstDelay;
      }
      for (const event of parser.feed(decoder.decode(value, { stream: true }))) {
        if (this.take(event) !== true) continue;
        void reader.cancel();
        return true;
      }
    }
  }

  private listen(abort: AbortController): void {
    window.clearTimeout(this.watchdog);
    this.watchdog = window.setTimeout(() => {
      abort.abort();
      this.restart();
    }, kSilence);
  }
}
