// What a run of inspect saw, as a zone file that import reads.

// zones are the records of the domains of a JSON report, a file for each domain. The
// tokens are those of the visitor, which DNS may lack.
export function zones(report, tokens) {
  return report.domains.map((domain) => ({
    name: `${domain.name}.zone`,
    text: [...texts(report, domain), ...exchanges(domain), ...keys(domain, tokens)].map((line) => `${line}\n`).join(''),
  }));
}

const record = (name, type, value) => `${name}. 300 IN ${type} ${value}`;

// texts are the TXT records. Of several SPF records at a name only the finding about
// them has the text.
function texts({spf, findings}, {name, mail_from, dmarc, verification}) {
  const names = [name, ...mail_from.map((m) => m.name)];
  const several = findings.filter((f) => f.check === 'spf-duplicate' && names.includes(f.record.name));
  return [
    ...names.filter((n) => spf[n]?.record).map((n) => record(n, 'TXT', spf[n].record)),
    ...several.flatMap((f) => f.actual.map((text) => record(f.record.name, 'TXT', text))),
    ...dmarc.record && !dmarc.inherited ? [record(dmarc.at, 'TXT', dmarc.record)] : [],
    ...verification.flatMap((v) => v.tokens.map((token) => record(v.name, 'TXT', `"${token}"`))),
  ];
}

function exchanges({name, mail_from, receiving}) {
  return [
    ...mail_from.flatMap((m) => m.mx.map((mx) => record(m.name, 'MX', mx))),
    ...receiving.mx.map((mx) => record(name, 'MX', mx)),
  ];
}

// keys are the CNAMEs of Easy DKIM. Those of the visitor's tokens are expected even
// if DNS does not have them.
function keys({name, dkim}, tokens) {
  const seen = dkim.filter((k) => k.cname.endsWith('.amazonses.com'));
  const missing = tokens.filter((token) => !seen.some((k) => k.selector === token.toLowerCase()));
  return [
    ...seen.map((k) => record(k.name, 'CNAME', `${k.cname}.`)),
    ...missing.map((token) => record(`${token}._domainkey.${name}`, 'CNAME', `${token}.dkim.amazonses.com.`)),
  ];
}
