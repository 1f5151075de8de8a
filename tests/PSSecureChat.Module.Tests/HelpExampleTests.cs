using System.Management.Automation;
using System.Management.Automation.Language;

namespace PSSecureChat.ModuleTests;

/// <summary>
/// The examples of the help run as they are written. Those that need cmdlets which come with PowerShell itself, not with its
/// engine, are run by the suite for a real pwsh only, which runs them all.
/// </summary>
public sealed class HelpExampleTests
{
    // They need a terminal with a person in front of it.
    private static readonly string[] Interactive = ["Enter-ChatConversation"];

    public static TheoryData<string, int> Examples
    {
        get
        {
            TheoryData<string, int> data = [];
            foreach (HelpExample example in HelpFile.Examples)
            {
                data.Add(example.Cmdlet, example.Number);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void An_example_runs_as_it_is_written(string cmdlet, int number)
    {
        HelpExample example = HelpFile.Examples.Single(each => each.Cmdlet == cmdlet && each.Number == number);
        ScriptBlockAst script = Parser.ParseInput(example.Code, out _, out ParseError[] faults);
        Assert.Empty(faults);
        string[] commands = [.. script.FindAll(static part => part is CommandAst, true).Select(static part => ((CommandAst)part).GetCommandName())];
        Assert.Contains(cmdlet, commands, StringComparer.OrdinalIgnoreCase);

        using Scene scene = Scene.Set();
        if (commands.Any(command => scene.Session.Run($"Get-Command {command} -ErrorAction Ignore").Output.Count == 0) || Interactive.Contains(cmdlet))
        {
            return;
        }

        Transcript run = scene.Session.Run(example.Code);

        Assert.Empty(run.Errors.Select(static error => error.ToString()));
    }

    /// <summary>A session in which the scene of the examples is set, in a folder of its own.</summary>
    private sealed class Scene : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pssecurechat-example-");

        private Scene(Session session) => Session = session;

        public Session Session { get; }

        public static Scene Set()
        {
            Scene scene = new(Session.Start());
            scene.Session.Runspace.SessionStateProxy.SetVariable("Folder", scene._folder.FullName);
            Assert.Empty(scene.Session.Run($". '{Path.Combine(Repository.Root, "tests", "ExampleScene.ps1")}' $Folder").Lines);
            return scene;
        }

        public void Dispose()
        {
            Session.Dispose();
            _folder.Delete(recursive: true);
        }
    }
}
