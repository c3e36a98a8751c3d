import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ValidateBy } from 'class-validator';

/** `limit` of a list that is read page by page: a whole number from 1 to `max`. The property's initial value is the default. */
export function PageLimit({ max, byDefault }: { max: number; byDefault: number }): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: max, default: byDefault }),
    // Digits alone: Number would also take 1e2, 0x10 and blanks.
    Transform(({ value }) => (typeof value === 'string' && /^\d{1,6}$/.test(value) ? Number(value) : NaN)),
    ValidateBy({
      name: 'isPageLimit',
      validator: {
        validate: (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= max,
        defaultMessage: () => `must be a whole number from 1 to ${max}`,
      },
    }),
  );
}
