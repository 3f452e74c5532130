"""The reader of documents refuses what the operator would refuse, or would let pass with a warning nobody reads."""

from __future__ import annotations

import pytest

from simulator.wire import verbs
from simulator.wire.documents import DocumentRefused, read_document

XML = "text/xml; charset=utf-8"


def read(body: str, content_type: str = XML) -> tuple[verbs.Verb, ...]:
    return read_document(content_type, body.encode())


def test_a_menu_is_read_with_its_prompts_and_limits() -> None:
    (gather,) = read(
        '<?xml version="1.0" encoding="UTF-8"?><Response><Gather action="/dep?n=2" numDigits="2" finishOnKey="" '
        'timeout="4" actionOnEmptyResult="true" hints="Ain,Aisne"><Say language="fr-FR">Tapez <break time="500ms"/>'
        'votre <emphasis>département</emphasis>.</Say><Pause length="2"/><Play>/a.wav</Play></Gather></Response>'
    )
    assert isinstance(gather, verbs.Gather)
    assert gather.prompts[0] == verbs.SayText("Tapez votre département.", language="fr-FR", pauses=0.5)
    assert gather.prompts[1:] == (verbs.Pause(2), verbs.Play("/a.wav"))
    assert (gather.num_digits, gather.finish_on_key, gather.timeout, gather.action_on_empty_result) == (2, "", 4, True)


def test_defaults_are_the_reference_s() -> None:
    gather, record = read("<Response><Gather/><Record/></Response>")
    assert gather == verbs.Gather(
        num_digits=0, finish_on_key="#", timeout=5, input="dtmf", action_on_empty_result=False
    )
    assert record == verbs.RecordCaller(timeout=5, max_length=3600, finish_on_key="1234567890*#", play_beep=True)


def test_an_empty_response_is_a_document_without_verbs() -> None:
    assert read("<Response />") == ()


@pytest.mark.parametrize(
    ("code", "body"),
    [
        (12100, "<html><body>500</body>"),
        (12100, "<Response><Say>a</Response>"),
        (12100, '<!DOCTYPE r [<!ENTITY a "b">]><Response/>'),
        (12100, "<Response><Say>\x01</Say></Response>"),
        (12102, "<response/>"),
        (12102, "<html/>"),
        (12200, "<Response><say>bonjour</say></Response>"),
        (12200, "<Response>bonjour</Response>"),
        (12200, '<Response><Gather numdigits="2"/></Response>'),
        (12200, '<Response><Gather numDigits="deux"/></Response>'),
        (12200, '<Response><Gather timeout="0"/></Response>'),
        (12200, '<Response><Gather finishOnKey="12"/></Response>'),
        (12200, '<Response><Gather language="fr"/></Response>'),
        (12200, "<Response><Gather><Dial><Number>+33199000101</Number></Dial></Gather></Response>"),
        (12200, "<Response><Gather><Gather/></Gather></Response>"),
        (12200, '<Response><Dial timeout="601"><Number>+33199000101</Number></Dial></Response>'),
        (12200, '<Response><Dial answerOnBridge="yes"><Number>+33199000101</Number></Dial></Response>'),
        (12200, '<Response><Dial><Number action="/x">+33199000101</Number></Dial></Response>'),
        (12200, "<Response><Dial>" + "<Number>+33199000101</Number>" * 11 + "</Dial></Response>"),
        (12200, '<Response><Dial><Number statusCallbackEvent="hung">+33199000101</Number></Dial></Response>'),
        (13223, "<Response><Dial>+33199000101</Dial></Response>"),
        (13223, "<Response><Dial/></Response>"),
        (13224, "<Response><Dial><Number>0199000101</Number></Dial></Response>"),
        (13520, "<Response><Say> </Say></Response>"),
        (12200, "<Response><Say><audio/>a</Say></Response>"),
        (12200, '<Response><Say><break time="vite"/>a</Say></Response>'),
        (12200, "<Response><Redirect>/avec espace</Redirect></Response>"),
        (12200, "<Response><Hangup>au revoir</Hangup></Response>"),
        (12200, "<Response><Hangup><Say>a</Say></Hangup></Response>"),
        (12200, '<Response><Reject reason="non"/></Response>'),
        (12200, '<Response><Record maxLength="0"/></Response>'),
        (12200, "<Response><Enqueue>file</Enqueue></Response>"),
        (11770, "  "),
        (11750, "<Response><Say>" + "a" * 70_000 + "</Say></Response>"),
    ],
)
def test_what_the_operator_cannot_follow_is_refused_with_its_number(code: int, body: str) -> None:
    with pytest.raises(DocumentRefused) as refused:
        read(body)
    assert refused.value.code == code


@pytest.mark.parametrize("content_type", ["text/html", "application/json", "text/plain", ""])
def test_another_content_type_is_refused(content_type: str) -> None:
    with pytest.raises(DocumentRefused) as refused:
        read("<Response/>", content_type)
    assert refused.value.code == 12300
