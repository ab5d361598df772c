import AsyncStorage from '@react-native-async-storage/async-storage';
import { AppRegistry } from 'react-native';
import { createAuth } from 'stagedoor';
import { App } from './App';

// Without cookies and a document the library is an app's client. AsyncStorage keeps its tokens
// as it is; secure.ts keeps them in the keychain, where they belong.
const auth = createAuth({ url: 'https://auth.example.com', storage: AsyncStorage });
AppRegistry.registerComponent('Example', () => () => <App auth={auth} />);
