// What stands where there is nothing to show.
export const Empty = ({ text }: { text: string }) => <p class="empty panel">{text}</p>;
