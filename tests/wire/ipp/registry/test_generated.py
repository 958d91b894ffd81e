"""The generator, on a registry small enough to read."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

TOOL = Path(__file__).parents[4] / "tools" / "make_ipp_registry.py"

XML = """<?xml version='1.0' encoding='UTF-8'?>
<registry xmlns="http://www.iana.org/assignments" id="ipp-registrations">
  <updated>2001-02-03</updated>
  <registry id="ipp-registrations-2">
    <record>
      <collection>Job Template</collection><name>media-col</name><syntax>collection</syntax>
      <xref type="uri" data="https://example.org/one">ONE</xref>
    </record>
    <record>
      <collection>Job Template</collection><name>media-col</name>
      <member_attribute>media-top-offset(deprecated)</member_attribute><syntax>integer</syntax>
      <xref type="rfc" data="rfc8011"/>
    </record>
    <record>
      <collection>Job Template</collection><name>copies(extension)</name><syntax>integer</syntax>
      <xref type="rfc" data="rfc8011"/>
    </record>
    <record>
      <collection>Job Status</collection><name>media-col-actual</name>
      <member_attribute>&lt;Any "media-col" member attribute&gt;</member_attribute><syntax/>
      <xref type="rfc" data="rfc8011"/>
    </record>
  </registry>
  <registry id="ipp-registrations-4">
    <record><attribute>sides</attribute><syntax>keyword</syntax><xref type="rfc" data="rfc8011"/></record>
    <record><value>one-sided</value><attribute>sides</attribute><xref type="rfc" data="rfc8011"/></record>
    <record><value>no-sided(obsolete)</value><attribute>sides</attribute>
      <xref type="rfc" data="rfc8011"/></record>
    <record><value>&lt;Any "sides" value&gt;</value><attribute>sides-default</attribute>
      <xref type="rfc" data="rfc8011"/></record>
    <record><value>&lt;Any Job object attribute&gt;</value><attribute>privacy</attribute>
      <xref type="rfc" data="rfc8011"/></record>
  </registry>
  <registry id="ipp-registrations-6">
    <record><attribute>job-state</attribute><xref type="rfc" data="rfc8011"/></record>
    <record><value>3</value><name>pending</name><attribute>job-state</attribute>
      <xref type="rfc" data="rfc8011"/></record>
    <record><value>&lt; all job-state values &gt;</value><name/><attribute>job-states</attribute>
      <xref type="rfc" data="rfc8011"/></record>
    <record><value>0x0003(deprecated)</value><name>Print-URI</name><attribute>operations-supported</attribute>
      <xref type="rfc" data="rfc8011"/></record>
    <record><value>0x000F</value><name>Reserved (not used)</name>
      <attribute>operations-supported</attribute></record>
  </registry>
  <registry id="ipp-registrations-11">
    <record><value>0x0000</value><name>successful-ok</name><xref type="rfc" data="rfc8011"/></record>
    <record><value>0x0008-0x007F</value><name>Unassigned</name></record>
  </registry>
</registry>
"""


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    folder = tmp_path_factory.mktemp("registry")
    source, target = folder / "registry.xml", folder / "generated.py"
    source.write_text(XML, encoding="utf-8")
    subprocess.run([sys.executable, TOOL, source, "--output", target], check=True)
    spec = importlib.util.spec_from_file_location("generated", target)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_date_of_the_registry_is_kept(generated):
    assert generated.UPDATED == "2001-02-03"
    assert "do not edit" in generated.__doc__


def test_attributes_are_filed_under_their_object(generated):
    assert generated.ATTRIBUTES == (
        ("Job Status", ("media-col-actual/=media-col;;RFC8011",)),
        ("Job Template", ("media-col;collection;ONE", "media-col/media-top-offset;integer;RFC8011;deprecated")),
    )


def test_keywords_are_listed_and_references_kept(generated):
    assert generated.KEYWORDS == (
        ("sides", ("RFC8011;one-sided no-sided",)),
        ("sides-default", ("RFC8011;=sides",)),
        ("privacy", ()),
    )


def test_enums_leave_operations_out(generated):
    assert generated.ENUMS == (("job-state", ("3;pending;RFC8011",)), ("job-states", ("=job-state",)))


def test_operations_and_statuses_are_those_assigned(generated):
    assert generated.OPERATIONS == ("0x0003;Print-URI;RFC8011",)
    assert generated.STATUSES == ("0x0000;successful-ok;RFC8011",)


def test_each_source_is_listed_once(generated):
    assert generated.SOURCES == ("ONE;https://example.org/one", "RFC8011;https://www.rfc-editor.org/rfc/rfc8011")
