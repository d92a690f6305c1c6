/** Tells a device what the company has set. The live stream tells when there is something newer. */
import type { FastifyInstance } from 'fastify';
import type { Company } from '../../domain/access/company.ts';
import type { CompanyWatch } from './company-watch.ts';

export function companyRoute(app: FastifyInstance, company: Pick<CompanyWatch, 'current'>): void {
  app.get('/me/company', { config: { access: 'signed_in' } }, async (_, reply): Promise<Company> => {
    void reply.header('cache-control', 'no-store');
    return company.current();
  });
}
