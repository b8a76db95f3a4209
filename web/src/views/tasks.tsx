// Task stream: a row for each worker, a bar for each task.
import { useEffect, useRef, useState } from 'preact/hooks';
import { listen, onKey, togglePause, zoom, kZoom } from '../tasks/gestures';
import { Stage } from '../tasks/stage';
import { openTaskStream, taskModel } from '../state/task_stream';
import { StreamNote } from '../parts/stream_note';
import { useShortcut } from '../state/shortcuts';
import type { Live } from '../api/live';
import { Details } from './task_details';
import { Legend } from './task_legend';
import { Controls } from './task_controls';

export function Tasks() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [stage, setStage] = useState<Stage | null>(null);
  const [stream, setStream] = useState<Live | null>(null);

  useEffect(() => {
    if (!canvas.current) return undefined;
    const made = new Stage(canvas.current, taskModel);
    const unlisten = listen(made);
    const opened = openTaskStream(() => made.viewport.paused);
    setStage(made);
    setStream(opened);
    return () => {
      opened.stop();
      unlisten();
      made.stop();
    };
  }, []);
  useShortcut('p', () => stage && togglePause(stage));
  useShortcut('+', () => stage && zoom(stage, 1 / kZoom));
  useShortcut('-', () => stage && zoom(stage, kZoom));

  return (
    <>
      <div class="head">
        <h1>Task stream</h1>
        {stage && <Controls stage={stage} />}
      </div>
      {stream && <StreamNote status={stream.status} />}
      <div class="panel stage">
        <canvas
          ref={canvas}
          tabIndex={0}
          role="application"
          aria-label="Task stream: a row for each worker, a bar for each task. Arrow keys move, comma and full stop choose a task, Enter opens it."
          onKeyDown={(event) => stage && onKey(stage, event)}
        />
        {stage && <Details stage={stage} />}
      </div>
      {stage && <Legend stage={stage} />}
    </>
  );
}
