using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using PSSecureChat.Help;

// Writes the help file of the module. The texts are the documentation comments of the cmdlets; syntax, types, positions and
// defaults are what PowerShell itself says of the imported cmdlets, so that neither can differ from the program.
if (args.Length < 3)
{
    Console.Error.WriteLine("usage: PSSecureChat.Help <manifest> <help file to write> <documentation file> ...");
    return 2;
}

CommentFile comments = new(args[2..]);
using Runspace runspace = RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault2());
runspace.Open();
using PowerShell shell = PowerShell.Create(runspace);
shell.AddCommand("Import-Module").AddParameter("Name", Path.GetFullPath(args[0])).AddParameter("ErrorAction", "Stop").Invoke();
shell.Commands.Clear();
CmdletInfo[] cmdlets = [.. shell.AddCommand("Get-Command").AddParameter("Module", "PSSecureChat").Invoke<CmdletInfo>().OrderBy(static cmdlet => cmdlet.Name, StringComparer.Ordinal)];

XDocument help = new(
    new XComment(" Written by the build from the documentation comments of the cmdlets: change those. "),
    new XElement(Maml.Root + "helpItems", new XAttribute("schema", "maml"), cmdlets.Select(cmdlet => new CmdletHelp(cmdlet, comments, cmdlets).ToMaml())));

Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(args[1]))!);
using XmlWriter writer = XmlWriter.Create(args[1], new XmlWriterSettings { Indent = true, Encoding = new UTF8Encoding(false), NewLineChars = "\n", NewLineHandling = NewLineHandling.None });
help.Save(writer);
return 0;
