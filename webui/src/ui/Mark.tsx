// Mark is the product's sign, a paper bird. The same shape stands in mark.svg for everybody else.
export function Mark({ size = 32 }: { readonly size?: number }) {
  return (
    <svg aria-hidden="true" width={size} height={size} viewBox="0 0 32 32">
      <path fill="#0a66c2" d="M2 13.5 30 4 19.5 29l-5.2-9.6z" />
      <path fill="#5aa2f0" d="M30 4 11 17.2 9.5 26l4.8-6.6z" />
      <path fill="#084c92" d="m14.3 19.4-4.8 6.6 7-3z" />
    </svg>
  );
}
