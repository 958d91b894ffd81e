from defusedxml import ElementTree

from upsim.wire.odata.csdl import to_csdl
from upsim.wire.odata.schema import (
    ComplexType,
    EntitySet,
    EntityType,
    EnumType,
    NavigationType,
    Operation,
    Parameter,
    PropertyType,
    Schema,
    Singleton,
    TypeReference,
)

TEXT = PropertyType("Edm.String", nullable=False)

SCHEMA = Schema(
    types={
        "printEvent": EnumType("printEvent", {"jobStarted": 0, "unknownFutureValue": 1}),
        "identity": ComplexType("identity", {"displayName": PropertyType("Edm.String")}, open=True),
        "userIdentity": ComplexType("userIdentity", {"ipAddress": PropertyType("Edm.String")}, base="identity"),
        "entity": EntityType("entity", {"id": TEXT}, abstract=True, key=("id",)),
        "printDocument": EntityType(
            "printDocument", {"size": PropertyType("Edm.Int64")}, base="entity", has_stream=True
        ),
        "printJob": EntityType(
            "printJob",
            {"createdBy": PropertyType("userIdentity"), "events": PropertyType("printEvent", collection=True)},
            {"documents": NavigationType("printDocument", collection=True, contained=True)},
            base="entity",
        ),
    },
    operations=(
        Operation(
            "Action",
            "abort",
            (Parameter("printJob"), Parameter("Edm.String", name="reason", unicode=False)),
        ),
        Operation(
            "Function",
            "getJobs",
            (Parameter("printDocument", collection=True), Parameter("Edm.Date", nullable=False, name="day")),
            TypeReference("printJob", collection=True),
        ),
    ),
    container=(EntitySet("jobs", "printJob", {"documents": "documents"}), Singleton("print", "printJob")),
)

METADATA = """<?xml version="1.0" encoding="utf-8"?>
<edmx:Edmx xmlns="http://docs.oasis-open.org/odata/ns/edm" \
xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx" Version="4.0">
  <edmx:DataServices>
    <Schema Namespace="microsoft.graph" Alias="graph">
      <EnumType Name="printEvent">
        <Member Name="jobStarted" Value="0" />
        <Member Name="unknownFutureValue" Value="1" />
      </EnumType>
      <ComplexType Name="identity" OpenType="true">
        <Property Name="displayName" Type="Edm.String" />
      </ComplexType>
      <ComplexType Name="userIdentity" BaseType="graph.identity">
        <Property Name="ipAddress" Type="Edm.String" />
      </ComplexType>
      <EntityType Name="entity" Abstract="true">
        <Key>
          <PropertyRef Name="id" />
        </Key>
        <Property Name="id" Type="Edm.String" Nullable="false" />
      </EntityType>
      <EntityType Name="printDocument" BaseType="graph.entity" HasStream="true">
        <Property Name="size" Type="Edm.Int64" />
      </EntityType>
      <EntityType Name="printJob" BaseType="graph.entity">
        <Property Name="createdBy" Type="graph.userIdentity" />
        <Property Name="events" Type="Collection(graph.printEvent)" />
        <NavigationProperty Name="documents" Type="Collection(graph.printDocument)" ContainsTarget="true" />
      </EntityType>
      <Action Name="abort" IsBound="true">
        <Parameter Name="bindingParameter" Type="graph.printJob" />
        <Parameter Name="reason" Type="Edm.String" Unicode="false" />
      </Action>
      <Function Name="getJobs" IsBound="true">
        <Parameter Name="bindingParameter" Type="Collection(graph.printDocument)" />
        <Parameter Name="day" Type="Edm.Date" Nullable="false" />
        <ReturnType Type="Collection(graph.printJob)" />
      </Function>
      <EntityContainer Name="GraphService">
        <EntitySet Name="jobs" EntityType="microsoft.graph.printJob">
          <NavigationPropertyBinding Path="documents" Target="documents" />
        </EntitySet>
        <Singleton Name="print" Type="microsoft.graph.printJob" />
      </EntityContainer>
    </Schema>
  </edmx:DataServices>
</edmx:Edmx>
"""


def test_the_metadata_says_everything_the_schema_says():
    assert to_csdl(SCHEMA) == METADATA


def test_the_metadata_is_well_formed_whatever_the_names():
    odd = Schema({"a": EnumType('a<&"', {"b>": 1}, flags=True)})
    root = ElementTree.fromstring(to_csdl(odd))
    (enum,) = root.iter("{http://docs.oasis-open.org/odata/ns/edm}EnumType")
    assert (enum.get("Name"), enum.get("IsFlags")) == ('a<&"', "true")


def test_a_service_without_entity_sets_has_no_container():
    assert "EntityContainer" not in to_csdl(Schema({}))


def test_types_are_found_by_every_way_to_write_their_names():
    names = ["printJob", "graph.printJob", "microsoft.graph.printJob", "#microsoft.graph.printJob"]
    assert {SCHEMA.type(name).name for name in names} == {"printJob"}
    assert {SCHEMA.qualified_name(name) for name in names} == {"microsoft.graph.printJob"}
    assert SCHEMA.qualified_name("Edm.String") == "Edm.String"
    assert SCHEMA.type("Edm.String") is None


def test_properties_are_inherited():
    assert list(SCHEMA.properties("printJob")) == ["id", "createdBy", "events"]
    assert list(SCHEMA.navigation("printJob")) == ["documents"]
    assert SCHEMA.member("printJob", "id") is TEXT
    assert SCHEMA.member("printJob", "documents").contained
    assert SCHEMA.member("printJob", "x") is None


def test_openness_is_inherited():
    assert SCHEMA.is_open("userIdentity")
    assert not SCHEMA.is_open("printJob")
    assert not SCHEMA.is_open("printEvent")
