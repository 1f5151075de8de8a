using System.Management.Automation;
using PSSecureChat.Tests;

namespace PSSecureChat.ModuleTests;

/// <summary>A session at a terminal, into which a peer has sent <see cref="HostileText"/> in every way there is.</summary>
public sealed class HostileScene : IDisposable
{
    private readonly RecordingHost _terminal = new();
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("pssc-");
    private readonly Session _session;

    public HostileScene()
    {
        _session = Session.StartConversation(_terminal);
        Directory.CreateDirectory(Path.Combine(_root.FullName, "taken"));
        File.WriteAllText(Path.Combine(_root.FullName, HostileText.FileName), "content");
        _session.Runspace.SessionStateProxy.SetVariable("evil", HostileText.Text);
        _session.Runspace.SessionStateProxy.SetVariable("root", _root.FullName);
        _session.Runspace.SessionStateProxy.SetVariable("file", Path.Combine(_root.FullName, HostileText.FileName));
        Transcript scene = _session.Run("""
            $PSStyle.OutputRendering = 'Ansi'
            $word = [securestring]::new(); $word.AppendChar('x')
            $null = Register-ChatEvent MessageReceived -Server $alice -SourceIdentifier Mail
            $null = Register-ChatEvent TransferProgress -Server $alice -SourceIdentifier File
            $null = Send-ChatMessage alice $evil -WaitFor Delivered
            $nested = [ordered]@{ Name = $evil; List = @($evil, @{ Id = $evil }) }
            $object = [ordered]@{
                First = $evil; "$evil" = $evil; Nested = $nested; List = @($evil, $nested); PSTypeName = $evil; DisplayText = $evil
                PSObject = $evil; PSTypeNames = $evil; PSStandardMembers = $evil; ToString = $evil; GetType = $evil; Equals = $evil
                PSComputerName = $evil; PSShowComputerName = $true; RunspaceId = $evil; PSSourceJobInstanceId = $evil
            }
            $null = Send-ChatMessage alice -InputObject $object -WaitFor Delivered
            $message, $carrier = Get-ChatInbox -Server $alice
            $body = $carrier.Body
            $sent = Send-ChatFile alice -LiteralPath $file
            function Copy-Object($Source) { [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($Source)) }
            $messageOfJob, $bodyOfJob = (Copy-Object $message), (Copy-Object $body)
            $ofOtherKind = [Activator]::CreateInstance([PSSecureChat.ChatMessage], $true)
            $ofOtherKind.Kind = [Enum]::ToObject([PSSecureChat.ChatMessageKind], 77); $ofOtherKind.Text = $evil; $ofOtherKind.Peer = $evil; $ofOtherKind.Server = 'alice'
            """);
        Assert.Empty(scene.Lines);
        _session.Until("@(Get-ChatTransfer -Server $alice).Count -eq 1 -and $ExecutionContext.Events.ReceivedEvents.Count -ge 3");
        Assert.Empty(_session.Run("""
            $offered = Get-ChatTransfer -Server $alice
            $mail = $ExecutionContext.Events.ReceivedEvents | Where-Object SourceIdentifier -eq Mail
            $progress = @($ExecutionContext.Events.ReceivedEvents | Where-Object SourceIdentifier -eq File)[0]
            """).Lines);
    }

    /// <summary>What the terminal is given when a person runs a line.</summary>
    internal string Show(string line)
    {
        using PowerShell shell = _session.Shell($"try {{ & {{ {line} }} *>&1 }} catch {{ $_ }}");
        shell.AddCommand("Out-Default");
        _terminal.Take();
        shell.Invoke();
        return _terminal.Take();
    }

    public void Dispose()
    {
        _session.Dispose();
        _root.Delete(recursive: true);
    }
}
