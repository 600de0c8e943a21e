"""Broken specs, each with the code of its diagnostic; `# HERE` marks the line where it must point."""

from served import HEAD, raw

TRUST_LAMBDA = (
    "{Version: '2012-10-17',"
    " Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]}"
)
DATABASE = (
    "aws.rds.instance:\n  a: {name: a, engine: postgres, engine_version: '%s', instance_class: %s,"
    " allocated_storage: 20, username: boss}  # HERE"
)
ALLOW = "{Version: '2012-10-17', Statement: [{Effect: Allow, Action: %s, Resource: '*'}]}"
LONG = ALLOW % ("[" + ", ".join(f"'s3:GetObject{n:04}*'" for n in range(400)) + "]")
NETWORK = """
aws.ec2.vpc:
  main: {cidr_block: 10.0.0.0/16}
aws.ec2.subnet:
  a: {vpc: "${aws.ec2.vpc.main.id}", cidr_block: 10.0.1.0/24, availability_zone: us-east-1a}
"""
CLOUDFLARE = HEAD + "cloudflare: {account: 0123456789abcdef0123456789abcdef}\n"

BROKEN: dict[str, tuple[str, str]] = {
    "bad YAML": ("TW01", HEAD + "network: {vpc: [\n# HERE"),
    "duplicate key": ("TW01", HEAD + "org: {name: again, domain: a.example, contact: a@a.example}  # HERE\n"),
    "typo in a section": ("TW0104", HEAD + "netwrok: {}  # HERE\n"),
    "wrong type": ("TW0113", HEAD.replace('"123456789012"', "[1]").replace("us-east-1}", "us-east-1}  # HERE")),
    "unknown region": ("TW02", HEAD.replace("us-east-1}", "us-easy-1}  # HERE")),
    "unknown resource type": ("TW0721", raw("aws.sns.topik:  # HERE\n  a: {name: a}")),
    "wrong attribute": ("TW0723", raw("aws.sns.topic:\n  a: {name: a, nmae: b}  # HERE")),
    "not a resource name": ("TW0208", raw('aws.sns.topic:\n  "a b": {name: a}  # HERE')),
    "unknown reference": (
        "TW0711",
        raw('aws.ec2.internet_gateway:\n  a: {vpc: "${aws.ec2.vpc.none.id}"}  # HERE'),
    ),
    "reference to another type": (
        "TW0713",
        raw('aws.sns.topic:\n  t: {name: t}\naws.ec2.internet_gateway:\n  a: {vpc: "${aws.sns.topic.t.id}"}  # HERE'),
    ),
    "reference to no attribute": (
        "TW0715",
        raw(NETWORK + 'aws.ec2.internet_gateway:\n  a: {vpc: "${aws.ec2.vpc.main.idd}"}  # HERE'),
    ),
    "cycle": (
        "TW0712",
        raw(
            "aws.sqs.queue:\n"
            '  a: {name: a, dead_letter_queue: "${aws.sqs.queue.b.arn}"}  # HERE\n'
            '  b: {name: b, dead_letter_queue: "${aws.sqs.queue.a.arn}"}'
        ),
    ),
    "duplicate object": ("TW0714", raw("aws.sns.topic:\n  a: {name: t}\n  b: {name: t}  # HERE")),
    "bad CIDR": ("TW04", raw("aws.ec2.vpc:\n  a: {cidr_block: 10.0.0.0/33}  # HERE")),
    "overlap": (
        "TW04",
        raw(
            NETWORK
            + '  b: {vpc: "${aws.ec2.vpc.main.id}", cidr_block: 10.0.1.0/25, availability_zone: us-east-1b}  # HERE'
        ),
    ),
    "quota": (
        "TW04",
        raw("aws.ec2.vpc:\n" + "\n".join(f"  v{n}: {{cidr_block: 10.{n}.0.0/16}}" for n in range(6)) + "  # HERE"),
    ),
    "illegal bucket name": ("TW04", raw("aws.s3.bucket:\n  a: {bucket: Not_A_Bucket}  # HERE")),
    "missing secret": (
        "TW",
        raw('aws.secretsmanager.secret:\n  a: {name: a, value: "env:TWIN_NO_SUCH_SECRET"}  # HERE'),
    ),
    "unknown IAM action": ("TW04", raw(f"aws.iam.policy:\n  a: {{name: a, policy: {ALLOW % 's3:GetObjekt'}}}  # HERE")),
    "policy over 6,144 characters": ("TW04", raw(f"aws.iam.policy:\n  a: {{name: a, policy: {LONG}}}  # HERE")),
    "load balancer in one zone": (
        "TW04",
        raw(NETWORK + 'aws.elbv2.load_balancer:\n  a: {name: a, subnets: ["${aws.ec2.subnet.a.id}"]}  # HERE'),
    ),
    "DB subnet group in one zone": (
        "TW04",
        raw(
            NETWORK
            + 'aws.rds.subnet_group:\n  a: {name: a, description: d, subnets: ["${aws.ec2.subnet.a.id}"]}  # HERE'
        ),
    ),
    "unknown DB class": (
        "TW04",
        raw(DATABASE % ("16.4", "db.t9.huge")),
    ),
    "unknown engine version": (
        "TW04",
        raw(DATABASE % ("99.1", "db.t3.micro")),
    ),
    "CNAME at the apex": (
        "TW04",
        raw(
            "aws.route53.zone:\n  z: {name: acme.example}\naws.route53.record:\n"
            '  a: {zone: "${aws.route53.zone.z.id}", name: acme.example, type: CNAME, ttl: 60,'
            " records: [b.example]}  # HERE"
        ),
    ),
    "A record that is no address": (
        "TW05",
        raw(
            "cloudflare.zone:\n  z: {name: acme.example}\ncloudflare.dns_record:\n"
            '  a: {zone: "${cloudflare.zone.z.id}", name: www.acme.example, type: A, content: 300.1.1.1}  # HERE',
            CLOUDFLARE,
        ),
    ),
    "route to a NAT gateway that does not exist": (
        "TW0711",
        raw(
            NETWORK + "aws.ec2.route_table:\n"
            '  a: {vpc: "${aws.ec2.vpc.main.id}", routes: [{destination: 0.0.0.0/0,'
            ' nat_gateway: "${aws.ec2.nat_gateway.none.id}"}]}  # HERE'
        ),
    ),
    "trail bucket without the trail's policy": (
        "TW04",
        raw(
            "aws.s3.bucket:\n  b: {bucket: acme-trail}\naws.cloudtrail.trail:\n"
            '  a: {name: a, bucket: "${aws.s3.bucket.b.id}"}  # HERE'
        ),
    ),
    "role whose trust does not fit its service": (
        "TW04",
        raw(
            f"aws.iam.role:\n  r: {{name: r, trust: {TRUST_LAMBDA}}}\n"
            'aws.iam.instance_profile:\n  a: {name: a, role: "${aws.iam.role.r.id}"}  # HERE'
        ),
    ),
}
