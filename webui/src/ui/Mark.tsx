// Mark is the product's sign, a paper bird. The tray draws the same four pieces of paper.
export function Mark({ size = 32 }: { readonly size?: number }) {
  return (
    <svg aria-hidden="true" width={size} height={size} viewBox="0 0 64 64">
      <path fill="#5aa7f5" d="M30 2l16 26-13 6z" />
      <path fill="#1b66bd" d="M2 37l26 2 18-11-8 26-14-4z" />
      <path fill="#2f86e6" d="M8 8l38 20-8 26z" />
      <path fill="#5aa7f5" d="M46 28l16-3-20 17z" />
    </svg>
  );
}
