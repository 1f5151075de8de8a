using System.Management.Automation;
using System.Text.RegularExpressions;

namespace PSSecureChat.ModuleTests;

/// <summary>What Get-Help shows: all of it is there, and it is about the cmdlets as they are.</summary>
public sealed class HelpTests
{
    public static TheoryData<string> Cmdlets => [.. HelpFile.Cmdlets];

    [Fact]
    public void The_help_is_of_exactly_the_cmdlets_that_are_exported()
    {
        using Session session = Session.Start();

        Assert.Equal(session.Run("(Get-Module PSSecureChat).ExportedCmdlets.Keys").Output.Select(static name => name.ToString()).Order(StringComparer.Ordinal), HelpFile.Cmdlets);
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Every_text_is_there(string cmdlet)
    {
        using Session session = Session.Start();
        session.Run($"$help = Get-Help {cmdlet} -Full");

        AssertSentences(session.Run("$help.Synopsis"), "the synopsis, which is the summary of the class");
        AssertSentences(session.Run("$help.description | ForEach-Object Text"), "the description, which is the remarks of the class");
        foreach (PSObject parameter in session.Run("$help.parameters.parameter").Output)
        {
            Transcript text = session.Run($"(Get-Help {cmdlet} -Parameter {parameter.Properties["name"].Value}).description | ForEach-Object Text");
            AssertSentences(text, $"the text of -{parameter.Properties["name"].Value}, which is the summary of the property");
        }

        Assert.True(session.Run("$help.examples.example").Output.Count >= 2, $"{cmdlet} has less than two examples");
        Assert.Contains("about_PSSecureChat", session.Run("$help.relatedLinks.navigationLink | ForEach-Object linkText").Output.Select(static link => link.ToString()));
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Every_example_says_what_it_is_for_and_fits_a_terminal(string cmdlet)
    {
        foreach (HelpExample example in HelpFile.Examples.Where(example => example.Cmdlet == cmdlet))
        {
            Assert.Matches(@"^Example \d+: \S.*[.?!]$", example.Title);
            Assert.Contains(cmdlet, example.Code, StringComparison.OrdinalIgnoreCase);
            Assert.All(example.Code.Split('\n'), static line => Assert.InRange(line.Length, 0, 120));
        }
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void The_parameters_are_those_of_the_cmdlet(string cmdlet)
    {
        using Session session = Session.Start();
        string[] told = [.. session.Run($"(Get-Help {cmdlet} -Full).parameters.parameter | ForEach-Object name").Output.Select(static name => name.ToString()).Order(StringComparer.Ordinal)];
        string[] real = [.. session.Run($$"""
            (Get-Command {{cmdlet}}).Parameters.Values | Where-Object { $_.Name -notin [System.Management.Automation.Cmdlet]::CommonParameters } |
                Where-Object { -not ($_.Attributes | Where-Object { $_ -is [Parameter] -and $_.DontShow }) } | ForEach-Object Name
            """).Output.Select(static name => name.ToString()).Order(StringComparer.Ordinal)];

        Assert.NotEmpty(real);
        Assert.Equal(real, told);
    }

    [Theory]
    [InlineData("about_PSSecureChat")]
    [InlineData("about_PSSecureChat_Security")]
    public void The_topics_are_found_and_fit_80_columns(string topic)
    {
        using Session session = Session.Start();
        string text = Assert.Single(session.Run($"Get-Help {topic}").Output).ToString();

        Assert.StartsWith("TOPIC\n", text.Replace("\r", string.Empty, StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("SHORT DESCRIPTION", text, StringComparison.Ordinal);
        Assert.All(text.Split('\n'), static line => Assert.InRange(line.TrimEnd('\r').Length, 0, 80));
    }

    [Fact]
    public void The_topic_of_the_module_names_every_cmdlet_and_none_that_is_not_there()
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, "en-US", "about_PSSecureChat.help.txt"));
        IEnumerable<string> named = Regex.Matches(text, @"\b[A-Z]\w+-Chat\w+").Select(static match => match.Value).Distinct().Order(StringComparer.Ordinal);

        Assert.Equal(HelpFile.Cmdlets, named);
    }

    private static void AssertSentences(Transcript text, string what)
    {
        Assert.False(text.Output.Count == 0 || string.IsNullOrWhiteSpace(text.Output[0].ToString()), $"missing: {what}");
        Assert.All(text.Output, line => Assert.Matches(@"[.:?!)]\s*$", line.ToString()));
    }
}
