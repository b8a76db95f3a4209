// The task stream while it is looked at.
import { signal } from '@preact/signals';
import type { TaskEvent } from '../api/events';
import { Live } from '../api/live';
import { TaskModel } from '../tasks/model';

export const taskModel = new TaskModel();
// Counts events.
export const taskVersion = signal(0);

// `held`: nothing new is taken while it says so; what is looked at stays.
export function openTaskStream(held: () => boolean): Live {
  return new Live(
    () => '/v1/tasks',
    (event) => {
      if (event.name !== 'tasks' || held()) return;
      taskModel.take(JSON.parse(event.data) as TaskEvent);
      taskVersion.value += 1;
    },
  );
}
