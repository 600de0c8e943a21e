"""Plans of some resources only, what nobody manages, and protection, as the command line has them."""

import json

from served import raw

SPEC = raw("""
aws.sqs.queue: {jobs: {name: jobs}, other: {name: other}}
aws.sns.topic: {news: {name: news}}
aws.sns.subscription:
  jobs: {topic: "${aws.sns.topic.news.arn}", protocol: sqs, endpoint: "${aws.sqs.queue.jobs.arn}"}
""")


def test_a_plan_says_what_it_leaves_out(twin, home):
    """By name it is counted; what cannot be without it is named."""
    (home / "spec.yaml").write_text(SPEC)
    code, out, _ = twin("plan", "spec.yaml", "--except", "aws.sqs.queue.jobs", "--only", "aws.sns", "--only", "aws.sqs")
    assert code == 0
    assert "left out: 3 of what the spec wants, 1 of them because they need what was left out:" in out
    assert "+ aws.sns.subscription.jobs needs aws.sqs.queue.jobs" in out
    assert "plan: 2 to create" in out
    data = json.loads(twin("plan", "spec.yaml", "--only", "aws.sns.topic", "--json")[1])
    assert {one["key"] for one in data["left_out"]} >= {"aws.sqs.queue.jobs", "aws.sns.subscription.jobs"}


def test_a_choice_of_nothing_is_a_usage_error(twin, home):
    """Exit 2, and what may have been meant; a saved plan has chosen already."""
    (home / "spec.yaml").write_text(SPEC)
    code, _, err = twin("plan", "spec.yaml", "--only", "aws.sqs.queue.job")
    assert (code, "did you mean `aws.sqs.queue.jobs`" in err) == (2, True)
    assert twin("plan", "spec.yaml", "-o", "plan.json")[0] == 0
    code, _, err = twin("apply", "plan.json", "--only", "aws.sqs.queue.jobs")
    assert (code, "what it is about decided already" in err) == (2, True)


def test_what_nobody_manages_is_counted_and_listed_when_asked(twin, home):
    """The administrator of an empty Okta org is in no spec."""
    person = "{login: a@b.example, email: a@b.example, first_name: A, last_name: B}"
    (home / "spec.yaml").write_text(raw(f"okta.user: {{ada: {person}}}"))
    counted, listed = twin("plan", "spec.yaml")[1], twin("plan", "spec.yaml", "--unmanaged")[1]
    assert "not managed by this spec (1); --unmanaged lists them" in counted
    assert "? okta.user" not in counted
    assert "not managed by this spec (1):\n  ? okta.user" in listed


def test_a_mistake_in_an_override_is_shown_at_its_line(twin, home):
    """File, line and column, as for every other mistake."""
    (home / "spec.yaml").write_text(SPEC + "overrides:\n  aws.sns.topic.news: {ignore: [tag]}\n")
    code, _, err = twin("check", "spec.yaml")
    assert code == 2
    assert all(part in err for part in ("error[TW0741]", "--> spec.yaml:10:33", "did you mean `tags`"))
