using System.Management.Automation;
using System.Text.RegularExpressions;

namespace PSSecureChat.ModuleTests;

/// <summary>What people who know PowerShell take for granted, asked of every exported cmdlet.</summary>
public sealed class ConventionTests : IDisposable
{
    // Verbs of cmdlets that change nothing but what counts as read, or only wait, look and talk.
    private static readonly string[] Looking = ["Get", "Test", "Receive", "Wait", "Enter", "Register"];

    // These change files on the disk all the same.
    private static readonly string[] ChangingAnyway = ["Receive-ChatFile"];

    // What is done to something that goes on to exist: -PassThru emits it.
    private static readonly string[] Acting = ["Approve", "Block", "Confirm", "Disconnect", "Resume", "Stop", "Suspend", "Unblock"];

    // They speak through no server, or list servers themselves.
    private static readonly string[] WithoutServer = ["Start-ChatServer", "Get-ChatServer", "Restore-ChatStore"];

    private readonly Session _session = Session.Start();
    private readonly IReadOnlyList<CmdletInfo> _cmdlets;

    public ConventionTests() => _cmdlets = [.. _session.Run("Get-Command -Module PSSecureChat").Output.Select(static command => (CmdletInfo)command.BaseObject)];

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Verbs_are_approved_and_nouns_singular_and_of_this_module()
    {
        Type[] groups = [typeof(VerbsCommon), typeof(VerbsCommunications), typeof(VerbsData), typeof(VerbsDiagnostic), typeof(VerbsLifecycle), typeof(VerbsOther), typeof(VerbsSecurity)];
        HashSet<string> approved = [.. groups.SelectMany(static group => group.GetFields()).Select(static verb => verb.Name)];

        Assert.True(_cmdlets.Count >= 20);
        AssertNone(static cmdlet => !Regex.IsMatch(cmdlet.Noun, "^Chat[A-Z][a-z]+$") || cmdlet.Noun.EndsWith('s'));
        AssertNone(cmdlet => !approved.Contains(cmdlet.Verb));
    }

    [Fact]
    public void Classes_are_named_after_their_cmdlets_and_nothing_can_derive_from_them()
    {
        AssertNone(static cmdlet => cmdlet.ImplementingType.Name != $"{cmdlet.Verb}{cmdlet.Noun}Command" || !cmdlet.ImplementingType.IsSealed);
    }

    [Fact]
    public void The_manifest_names_each_cmdlet_once_in_order_and_no_other_exports()
    {
        string manifest = File.ReadAllText(Repository.Manifest);
        string[] named = [.. Regex.Matches(manifest, @"'(\w+-Chat\w+)'").Select(static match => match.Groups[1].Value)];

        Assert.Equal(_cmdlets.Select(static cmdlet => cmdlet.Name).Order(StringComparer.Ordinal), named);
        foreach (string none in new[] { "FunctionsToExport", "AliasesToExport", "VariablesToExport" })
        {
            Assert.Matches(none + @"\s*= @\(\)", manifest);
        }
    }

    [Fact]
    public void Each_says_what_it_emits() => AssertNone(static cmdlet => cmdlet.OutputType.Count == 0);

    [Fact]
    public void What_changes_something_can_be_tried_with_WhatIf_and_asked_about_with_Confirm()
    {
        AssertNone(cmdlet => (IsLooking(cmdlet) == cmdlet.Parameters.ContainsKey("WhatIf")) || cmdlet.Parameters.ContainsKey("WhatIf") != cmdlet.Parameters.ContainsKey("Confirm"));
    }

    [Fact]
    public void Only_what_cannot_be_taken_back_asks_by_itself()
    {
        IEnumerable<string> high = _cmdlets.Where(static cmdlet => Declaration(cmdlet).ConfirmImpact == ConfirmImpact.High).Select(static cmdlet => cmdlet.Name);

        Assert.Equal(["Remove-ChatPeer"], high);
    }

    [Fact]
    public void Actions_emit_what_they_acted_on_only_when_asked_to() =>
        AssertNone(static cmdlet => Acting.Contains(cmdlet.Verb) && !(cmdlet.Parameters.TryGetValue("PassThru", out ParameterMetadata? passThru) && passThru.SwitchParameter));

    [Fact]
    public void Parameters_have_singular_names_in_Pascal_case()
    {
        AssertNoParameter(static parameter => !Regex.IsMatch(parameter.Name, "^([A-Z][a-z]+)+$"));
        AssertNoParameter(static parameter => Regex.IsMatch(parameter.Name, "[^s]s$") && parameter.Name is not "Address");
    }

    [Fact]
    public void A_server_can_be_named_and_is_completed()
    {
        AssertNone(static cmdlet => !cmdlet.Parameters.ContainsKey("Server") && !WithoutServer.Contains(cmdlet.Name));
        AssertNoParameter(static parameter => parameter.Name == "Server" && !parameter.Attributes.OfType<ArgumentCompleterAttribute>().Any());
    }

    [Fact]
    public void Who_is_meant_stands_first_and_is_completed_and_comes_from_the_pipeline()
    {
        foreach (CmdletInfo cmdlet in _cmdlets.Where(static cmdlet => cmdlet.Noun == "ChatPeer" && cmdlet.Verb != "Connect"))
        {
            ParameterMetadata name = cmdlet.Parameters["Name"];
            Assert.Contains(name.Attributes.OfType<ParameterAttribute>(), static attribute => attribute is { Position: 0, ValueFromPipeline: true, ValueFromPipelineByPropertyName: true });
            Assert.Contains(name.Attributes, static attribute => attribute is ArgumentCompleterAttribute);
        }
    }

    [Theory]
    [InlineData("From", "Get-ChatInbox", 0)]
    [InlineData("With", "Get-ChatHistory", 0)]
    [InlineData("To", "Get-ChatOutbox", 0)]
    [InlineData("To", "Send-ChatMessage", 0)]
    [InlineData("Message", "Send-ChatMessage", 1)]
    [InlineData("Address", "Connect-ChatPeer", 0)]
    [InlineData("Port", "Connect-ChatPeer", 1)]
    [InlineData("Address", "Start-ChatServer", 0)]
    [InlineData("Port", "Start-ChatServer", 1)]
    [InlineData("Name", "Start-ChatServer", 2)]
    [InlineData("Server", "Stop-ChatServer", 0)]
    [InlineData("Message", "Remove-ChatMessage", 0)]
    [InlineData("Path", "Backup-ChatStore", 0)]
    [InlineData("Path", "Restore-ChatStore", 0)]
    public void What_is_typed_without_a_name_stands_where_people_expect_it(string parameter, string cmdlet, int position)
    {
        ParameterMetadata metadata = _cmdlets.Single(each => each.Name == cmdlet).Parameters[parameter];

        Assert.Contains(metadata.Attributes.OfType<ParameterAttribute>(), attribute => attribute.Position == position);
    }

    [Fact]
    public void Parameters_that_mean_one_thing_have_one_type_and_one_set_of_aliases()
    {
        // TimeoutSec in one place and TimeoutSeconds in another is what people complain about.
        foreach (IGrouping<string, ParameterMetadata> same in Own().Where(static parameter => parameter.Name is "TimeoutSec" or "ExpiresIn" or "PassThru" or "Force" or "After" or "Before" or "Last" or "InReplyTo").GroupBy(static parameter => parameter.Name))
        {
            Assert.Single(same.Select(static parameter => Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType).Distinct());
            Assert.Single(same.Select(static parameter => string.Join(',', parameter.Aliases.Order(StringComparer.Ordinal))).Distinct());
        }

        AssertNoParameter(static parameter => parameter.Name.StartsWith("Timeout", StringComparison.Ordinal) && parameter.Name != "TimeoutSec");
    }

    [Fact]
    public void What_takes_wildcards_says_so_and_is_completed_where_names_of_peers_are_meant()
    {
        AssertNoParameter(static parameter => parameter.Name is "To" or "From" or "With" && !parameter.Attributes.OfType<ArgumentCompleterAttribute>().Any());

        // Where one peer alone makes sense, a wildcard does not.
        AssertNoParameter(static parameter => parameter.Name is "To" or "From" or "With" && parameter.ParameterType.IsArray != parameter.Attributes.OfType<SupportsWildcardsAttribute>().Any());
    }

    private static CmdletAttribute Declaration(CmdletInfo cmdlet) => (CmdletAttribute)cmdlet.ImplementingType.GetCustomAttributes(typeof(CmdletAttribute), false).Single();

    private static bool IsLooking(CmdletInfo cmdlet) => Looking.Contains(cmdlet.Verb) && !ChangingAnyway.Contains(cmdlet.Name);

    private IEnumerable<ParameterMetadata> Own() => _cmdlets.SelectMany(static cmdlet => Own(cmdlet));

    private static IEnumerable<ParameterMetadata> Own(CmdletInfo cmdlet) => cmdlet.Parameters.Values.Where(static parameter => !Cmdlet.CommonParameters.Contains(parameter.Name) && !Cmdlet.OptionalCommonParameters.Contains(parameter.Name));

    private void AssertNone(Func<CmdletInfo, bool> deviates) => Assert.Empty(_cmdlets.Where(deviates).Select(static cmdlet => cmdlet.Name));

    private void AssertNoParameter(Func<ParameterMetadata, bool> deviates) =>
        Assert.Empty(_cmdlets.SelectMany(cmdlet => Own(cmdlet).Where(deviates).Select(parameter => $"{cmdlet.Name} -{parameter.Name}")));
}
