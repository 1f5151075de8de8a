BeforeDiscovery {
    $root = "$PSScriptRoot/../.."
    $cmdlets = (Import-PowerShellDataFile $root/PSSecureChat.psd1).CmdletsToExport
    [xml] $help = Get-Content -Raw $root/en-US/PSSecureChat.dll-Help.xml
    $interactive = 'Enter-ChatConversation' # needs a person in front of a terminal
    $examples = foreach ($command in $help.helpItems.command | Where-Object { $_.details.name -notin $interactive }) {
        $number = 0
        foreach ($example in $command.examples.example) { @{ Cmdlet = $command.details.name; Number = ++$number; Title = $example.title; Code = $example.code } }
    }
}

BeforeAll {
    . $PSScriptRoot/Session.ps1
    Import-Module $Manifest -Force
}

AfterAll { Remove-Module PSSecureChat -ErrorAction Ignore }

Describe 'Help of <_>' -ForEach $cmdlets {
    It 'is shown in every form' {
        $full = Get-Help $_ -Full | Out-String
        $full | Should -Match 'SYNOPSIS\s+\w+'
        $full | Should -Match 'DESCRIPTION\s+\w+'
        $full | Should -Match 'Example 2: \w+'
        Get-Help $_ -Examples | Out-String | Should -Match "(?s)Example 1.*$_"
        foreach ($parameter in Get-Help $_ -Parameter *) { ($parameter.description | Out-String).Trim() | Should -Not -BeNullOrEmpty }
        (Get-Help $_).Synopsis | Should -Not -Match ([regex]::Escape('[')) -Because 'a synopsis that is the syntax was made up by PowerShell, which found no help'
    }
}

Describe 'Help on topics' {
    It '<_> is found' -ForEach 'about_PSSecureChat', 'about_PSSecureChat_Security' {
        Get-Help $_ | Should -Match "TOPIC\s+$_\s"
    }
}

Describe 'Examples' {
    BeforeEach { Push-Location }
    AfterEach {
        Get-ChatServer | Stop-ChatServer -ErrorAction Ignore
        Pop-Location
    }

    It '<Cmdlet>, <Title>' -ForEach $examples {
        $folder = (New-Item (Join-Path $TestDrive "$Cmdlet-$Number") -ItemType Directory).FullName
        . $PSScriptRoot/../ExampleScene.ps1 $folder
        $ErrorActionPreference = 'Stop'
        & ([scriptblock]::Create($Code)) 3>$null | Out-String -Width 80 | Out-Null
    }
}
