const cdk = require('aws-cdk-lib');
const route53 = require('aws-cdk-lib/aws-route53');
const ses = require('aws-cdk-lib/aws-ses');

const app = new cdk.App({ outdir: 'cdk.out' });

// A zone that is there, in a region that is known.
const mail = new cdk.Stack(app, 'Mail', { env: { region: 'eu-west-1' } });
const zone = route53.PublicHostedZone.fromHostedZoneAttributes(mail, 'Zone', { hostedZoneId: 'Z123', zoneName: 'shop.example' });
new ses.EmailIdentity(mail, 'Identity', { identity: ses.Identity.publicHostedZone(zone), mailFromDomain: 'bounce.shop.example' });
new route53.TxtRecord(mail, 'Spf', { zone, values: ['v=spf1 include:amazonses.com ~all'] });
new route53.TxtRecord(mail, 'Dmarc', { zone, recordName: '_dmarc', values: ['v=DMARC1; p=none; rua=mailto:' + 'reports'.repeat(40) + '@shop.example'] });

// A zone that the stack makes, wherever it is deployed.
const fresh = new cdk.Stack(app, 'Fresh');
const made = new route53.PublicHostedZone(fresh, 'Zone', { zoneName: 'new.example' });
new ses.EmailIdentity(fresh, 'Identity', { identity: ses.Identity.publicHostedZone(made), mailFromDomain: 'bounce.new.example', mailFromBehaviorOnMxFailure: ses.MailFromBehaviorOnMxFailure.REJECT_MESSAGE });
new route53.TxtRecord(fresh, 'Spf', { zone: made, values: ['v=spf1 include:amazonses.com ~all'] });
new route53.CnameRecord(fresh, 'Click', { zone: made, recordName: 'click', domainName: `r.${fresh.region}.awstrack.me` });
new route53.MxRecord(fresh, 'Blue', { zone: made, recordName: 'in', values: [{ priority: 10, hostName: 'inbound-smtp.eu-west-1.amazonaws.com' }], weight: 50, setIdentifier: 'blue' });
new route53.MxRecord(fresh, 'Green', { zone: made, recordName: 'in', values: [{ priority: 10, hostName: 'mail.example.net' }], weight: 50, setIdentifier: 'green' });

app.synth();
